import Api
import Model

extension FakeSites {
  nonisolated static let conflict = ConflictView(
    id: "0102030405060708",
    values: ["hub", "north"].map { node in
      ConflictValueView(
        record: node + "-1-1", what: "device.name", parameters: ["device": "d", "value": node],
        author: "user:ada", node: node, atUs: 5, trusted: true)
    })

  func conflicts() -> ConflictsList { ConflictsList(conflicts: [Self.conflict]) }

  func decide(
    _ id: String, _ decision: ConflictDecision, author: String
  ) async throws(ServiceError) -> ConflictsList {
    asked.append("decide \(id) \(decision.record) \(author)")
    return ConflictsList(conflicts: [])
  }

  func restore(_ entry: String, author: String) async throws(ServiceError) -> ConflictsList {
    asked.append("restore \(entry) \(author)")
    return ConflictsList(conflicts: [])
  }
}
