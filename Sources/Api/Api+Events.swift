internal import Model
internal import Reactor
internal import Web

extension Api {
  func addEvents(to router: inout Router) {
    let (node, feed) = (node, feed)
    let operation = Operation(
      .get, "/api/v1/events", .needs(.read),
      "Everything that changes, as server-sent events. A viewer too slow for them gets the last"
        + " value of each channel; \"missed\" says that events were lost to a viewer who came back"
        + " too late.",
      parameters: [
        .init(
          name: "device", schema: .text,
          description: "Only what concerns this device, by id or name.", repeats: true),
        .init(
          name: "Last-Event-ID", place: .header, schema: .text,
          description: "Go on after this event."),
      ], answer: .text(mediaType: ServerSentEvent.mediaType, of: LiveEvent.self))
    add(operation, to: &router) { request, query throws(ServiceError) in
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
