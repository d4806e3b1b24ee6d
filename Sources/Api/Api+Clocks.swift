internal import Model
internal import Reactor
internal import Web

/// The boots of the node, and what an administrator says of their times.
extension Api {
  func addClocks(to router: inout Router) {
    let node = node
    add(
      Operation(
        .get, "/api/v1/clocks", .needs(.read),
        "Every boot of the node, oldest first, with what dates it and how well.",
        answer: .json(ClocksList.self)), to: &router
    ) { _, _ throws(ServiceError) in .json(try await node.clocks()) }
    add(
      Operation(
        .put, "/api/v1/clocks/{epoch}", .needs(.administer),
        "Says when a boot was: everything recorded in it is dated anew, and nothing is rewritten."
          + " The epoch is its id, the beginning of it, or present.",
        body: ClockOverrideRequest.self, answer: .json(ClockEpochView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(ClockOverrideRequest.self)
      return .json(
        try await node.setClock(request.part("epoch"), wanted, author: request.author))
    }
    add(
      Operation(
        .delete, "/api/v1/clocks/{epoch}", .needs(.administer),
        "Takes that back: the boot is dated by its anchors or its neighbours again.",
        answer: .json(ClockEpochView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      .json(try await node.resetClock(request.part("epoch"), author: request.author))
    }
  }
}
