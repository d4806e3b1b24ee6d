internal import Reactor
internal import Web

extension Api {
  /// The name of the protocol that a connection turns to when it hands over boards.
  public static let boardsProtocol = "bivouac-boards"

  func addSimulated(to router: inout Router) {
    for method in [Method.get, .post] {
      let node = node
      let operation = Operation(
        method, "/api/v1/simulated",
        "Leaves HTTP to hand over boards that a program plays; on the unix socket only.",
        answer: .upgrade(Self.boardsProtocol))
      add(operation, to: &router) { request, _ throws(ServiceError) in
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
  }
}
