internal import Model
internal import Reactor
internal import Web

extension Api {
  func addEvents(to router: inout Router) {
    let (node, feed) = (node, feed)
    router.get("/api/v1/events") { request in
      await Self.answer(request) { query throws(ServiceError) in
        let named = try query.texts("device", countMax: ApiLimits.liveDevicesMax)
        try query.finish()
        // A name that means nothing is refused now; what it means is looked at again later.
        for name in named { _ = try node.device(name) }
        let lastEventId = request.headers["Last-Event-ID"]
        return .events { writer in
          feed.open(writer, names: named, lastEventId: lastEventId)
        }
      }
    }
  }
}
