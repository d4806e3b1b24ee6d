internal import Model

extension FieldWriter {
  mutating func snapshotTaken(_ taken: SnapshotTaken) {
    precondition(
      taken.hash.count == Blake2b.contentByteCount && taken.takenUs >= 0
        && (1...Limits.snapshotBytesMax).contains(taken.size)
        && taken.note.utf8.count <= Limits.snapshotNoteBytesMax, "snapshot of \(taken.size) bytes")
    identity(taken.device)
    u8(taken.mediaType.rawValue)
    varint(UInt64(taken.size))
    raw(taken.hash)
    varint(UInt64(taken.takenUs))
    bytesV(taken.note.utf8)
  }
}

extension FieldReader {
  @inline(never)
  mutating func snapshotTaken() throws(DecodeError) -> SnapshotTaken {
    let device = try identity()
    let start = offset
    guard let mediaType = SnapshotTaken.MediaType(rawValue: try u8()) else {
      throw DecodeError(.range, at: start)
    }
    let sizeAt = offset
    let size = try time()
    guard (1...Limits.snapshotBytesMax).contains(size) else {
      throw DecodeError(.range, at: sizeAt)
    }
    return SnapshotTaken(
      device: device, mediaType: mediaType, size: size,
      hash: try raw(Blake2b.contentByteCount), takenUs: try time(),
      note: try textV(max: Limits.snapshotNoteBytesMax))
  }
}
