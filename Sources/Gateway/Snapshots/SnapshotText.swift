internal import Api
internal import Model
internal import Sync

/// What is taken for a picture, and why one is refused.
enum SnapshotText {
  /// What the bytes are: what they are said to be, and begin like.
  static func mediaType(
    _ wanted: SnapshotRequest
  ) throws(ServiceError) -> SnapshotTaken.MediaType {
    let known = SnapshotTaken.MediaType.allCases
    let found = known.first {
      $0.name == wanted.mediaType && wanted.content.starts(with: $0.magic)
    }
    guard let found else {
      throw ServiceError(
        status: 415, code: "snapshot.type", parameters: ["type": wanted.mediaType],
        detail: "these bytes are no \(wanted.mediaType)",
        remedy: "send a JPEG or PNG file, with its own media type")
    }
    return found
  }

  static func elsewhere(_ device: DeviceIdentity, _ gateway: String) -> ServiceError {
    ServiceError(
      status: 409, code: "snapshot.device-elsewhere",
      parameters: ["device": device.text, "gateway": gateway],
      detail: "\(gateway) has \(device.text), and pictures of it are added there",
      remedy: "add it at that gateway: it is then listed here too")
  }

  static func noRoom(_ size: Int64) -> ServiceError {
    ServiceError(
      status: 507, code: "snapshot.no-room", parameters: ["bytes": "\(size)"],
      detail: "there is no room on the disk for \(size) bytes beside what has to stay free",
      remedy: "make room on the disk; readings go on being recorded")
  }

  static func unknown(_ hash: String) -> ServiceError {
    ServiceError(
      status: 404, code: "not-found", parameters: ["snapshot": hash],
      detail: "no snapshot has the hash \(hash)", remedy: "GET /api/v1/snapshots lists them")
  }

  static func gone(_ hash: String) -> ServiceError {
    ServiceError(
      status: 404, code: "snapshot.gone", parameters: ["snapshot": hash],
      detail: "the bytes of this snapshot are gone: the quota or a full disk took them",
      remedy: "raise the quota under [snapshots] to keep more of them")
  }

  static func content(at gateway: String, _ hash: String) -> ServiceError {
    ServiceError(
      status: 404, code: "snapshot.elsewhere",
      parameters: ["snapshot": hash, "gateway": gateway],
      detail: "the bytes of this snapshot are at \(gateway), and not here",
      remedy: "ask \(gateway) for them")
  }

  static func damaged(_ hash: String) -> ServiceError {
    ServiceError(
      status: 500, code: "snapshot.damaged", parameters: ["snapshot": hash],
      detail: "the disk has altered the bytes of this snapshot: they are not given",
      remedy: "add the picture again where somebody still has it, and look at the disk")
  }
}
