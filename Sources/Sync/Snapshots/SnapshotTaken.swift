public import Model

/// Kind 28, on lane 4: the manifest of a picture of a device. The picture itself lies beside the
/// database, named by its hash, and is no part of any record.
public struct SnapshotTaken: Hashable, Sendable {
  /// What the bytes are. Raw values are on disk: never renumber.
  public enum MediaType: UInt8, Sendable, CaseIterable {
    /// JPEG (ITU-T T.81).
    case jpeg = 1
    /// PNG (ISO/IEC 15948).
    case png = 2

    /// Its name (RFC 2046, IANA's registry of media types).
    public var name: String {
      switch self {
      case .jpeg: "image/jpeg"
      case .png: "image/png"
      }
    }

    /// What every file of this type begins with.
    public var magic: [UInt8] {
      switch self {
      case .jpeg: [0xFF, 0xD8, 0xFF]
      case .png: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      }
    }
  }

  /// The device that is to be seen.
  public var device: DeviceIdentity
  /// What the bytes are.
  public var mediaType: MediaType
  /// How many there are: 1 to `Limits.snapshotBytesMax`.
  public var size: Int64
  /// Their BLAKE2b-256, by which they are found and proven.
  public var hash: [UInt8]
  /// When it was taken: CLOCK_BOOTTIME in the clock epoch of the entry, in µs.
  public var takenUs: Int64
  /// What somebody says of it; at most `Limits.snapshotNoteBytesMax` bytes of UTF-8.
  public var note: String

  /// Puts a manifest together.
  public init(
    device: DeviceIdentity, mediaType: MediaType, size: Int64, hash: [UInt8], takenUs: Int64,
    note: String
  ) {
    self.device = device
    self.mediaType = mediaType
    self.size = size
    self.hash = hash
    self.takenUs = takenUs
    self.note = note
  }
}
