internal import Reactor
internal import Web

extension Api {
  /// The name of the protocol that a connection turns to when it hands over boards.
  public static let boardsProtocol = "bivouac-boards"

  func addSimulated(to router: inout Router) {
    for method in [Method.get, .post] {
      let node = node
      let operation = Operation(
        method, "/api/v1/simulated", .localOnly,
        "Leaves HTTP to hand over boards that a program plays; on the unix socket only.",
        answer: .upgrade(Self.boardsProtocol))
      add(operation, to: &router) { _, _ throws(ServiceError) in
        .upgrade(Self.boardsProtocol) { connection in
          await BoardIntake(node).serve(connection)
        }
      }
    }
  }
}
