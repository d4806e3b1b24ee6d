import Api
import Model

extension FakeNode {
  static let picture = SnapshotView(
    hash: "0a0b", device: FakeNode.greenhouse, gateway: nil, takenUs: 5, boundUs: nil,
    mediaType: "image/png", size: 3, note: nil, author: "local:0", content: .here)

  func snapshots(of device: String?, limit: Int) async throws(ServiceError) -> SnapshotsPage {
    asked.append("snapshots \(device ?? "-") \(limit)")
    return SnapshotsPage(
      snapshots: [Self.picture], total: 1, storedBytes: 3, quotaBytes: 256_000_000)
  }

  func addSnapshot(
    _ wanted: SnapshotRequest, of device: String, author: String
  ) async throws(ServiceError) -> SnapshotView {
    asked.append(
      "snapshot \(device) \(wanted.mediaType) \(wanted.content.count) "
        + "\(wanted.note ?? "-") \(author)")
    return Self.picture
  }

  func snapshot(_ hash: String) async throws(ServiceError) -> SnapshotFile {
    guard hash == Self.picture.hash else {
      throw ServiceError(
        status: 404, code: "snapshot.gone", parameters: ["snapshot": hash], detail: "gone",
        remedy: "none")
    }
    return SnapshotFile(content: [1, 2, 3], mediaType: "image/png")
  }
}
