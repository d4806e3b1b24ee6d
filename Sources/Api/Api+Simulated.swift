internal import Reactor
internal import Web

extension Api {
  /// The name of the protocol that a connection turns to when it hands over boards.
  public static let boardsProtocol = "bivouac-boards"

  func addSimulated(to router: inout Router) {
    let node = node
    let handler: Handler = { request in
      await Self.answer(request) { query throws(ServiceError) in
        try query.finish()
        guard case .local = request.peer else {
          throw ServiceError(
            status: 403, code: "simulation.local-only",
            detail: "boards are handed over on the unix socket only",
            remedy: "run \"bivouac simulate\" on the machine of the daemon")
        }
        return .upgrade(Self.boardsProtocol) { connection in
          await BoardIntake(node).serve(connection)
        }
      }
    }
    // No body and no media type: the request only asks to leave HTTP, by whichever method.
    for method in [Method.get, .post] {
      router.add(
        method, "/api/v1/simulated", mediaTypes: [], bodyBytesMax: 0, handler: handler)
    }
  }
}
