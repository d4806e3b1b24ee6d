internal import Model
internal import Reactor
internal import Web

extension Api {
  func addLive(to router: inout Router) {
    let (node, feed) = (node, feed)
    router.get("/api/v1/live") { request in
      await Self.answer(request) { query throws(ServiceError) in
        let named = try query.texts("device", countMax: ApiLimits.liveDevicesMax)
        try query.finish()
        var devices: Set<String> = []
        for name in named { devices.insert(try node.device(name).id) }
        let wanted = devices
        let lastEventId = request.headers["Last-Event-ID"]
        return .events { writer in
          feed.open(writer, devices: wanted, lastEventId: lastEventId)
        }
      }
    }
  }
}
