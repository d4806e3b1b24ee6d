import Model
import Sync

extension FuzzCheck {
  /// Signed records, by their first byte: entries, commits, ranges, blocks. What is read is written
  /// again as it was; a run's own 40 bytes stand before it in the vectors, not here.
  public static let records = FuzzCheck(
    name: "records",
    problem: { bytes in
      guard let sort = bytes.first else { return nil }
      let record = Array(bytes.dropFirst())
      let again: [UInt8]?
      switch sort & 3 {
      case 0:
        again = decoded { () throws(DecodeError) in try SignedEntry(decoding: record).encoded() }
      case 1:
        again = decoded { () throws(DecodeError) in try SignedLive(decoding: record).encoded() }
      case 2:
        again = decoded { () throws(DecodeError) in try SignedRange.decode(record).range.encoded() }
      default:
        again = decoded { () throws(DecodeError) in try BlockParcel(decoding: record).encoded() }
      }
      guard let again, again != record else { return nil }
      return "a record of sort \(sort & 3) is written otherwise than it was read"
    },
    seeds: {
      let sorts: [String: UInt8] = ["entry": 0, "live": 1, "range": 2, "parcel": 3]
      return Seeds.syncRecords.compactMap { seed in
        sorts[seed.form].map { [$0] + seed.bytes.dropFirst($0 == 3 ? 0 : 40) }
      }
    })

  /// Have-vectors, requests and deltas: the first byte is 0 for vectors, 1 for deltas, 2 for
  /// requests.
  public static let vectors = FuzzCheck(
    name: "vectors",
    problem: { bytes in
      guard let sort = bytes.first else { return nil }
      let body = Array(bytes.dropFirst())
      return Broken.problem { () throws(Broken) in
        if sort == 0 {
          let vector = decoded { () throws(DecodeError) in try HaveVector(decoding: body) }
          guard let vector else { return }
          try Broken.expect(vector.encoded() == body, "a vector is written otherwise")
          let short = vector.leavingOutImplied { _ in nil }
          try Broken.expect(short == vector, "a vector loses what no run vouches for")
          let joined = vector.logs.allSatisfy { $0.value.held.isSubset(of: $0.value.seen) }
          try Broken.expect(joined, "more is held than was seen")
        } else if sort == 2 {
          let request = decoded { () throws(DecodeError) in try ExchangeRequest(decoding: body) }
          guard let request else { return }
          try Broken.expect(request.encoded() == body, "a request is written otherwise")
        } else {
          let delta = decoded { () throws(DecodeError) in try VectorDelta(decoding: body) }
          guard let delta else { return }
          try Broken.expect(delta.encoded() == body, "a delta is written otherwise")
        }
      }
    },
    seeds: {
      Seeds.syncRecords.compactMap { seed in
        switch seed.form {
        case "vector": return [0] + seed.bytes
        case "delta": return [1] + seed.bytes
        default: return nil
        }
      } + Seeds.syncProofs.filter { $0.form == "request" }.map { [2] + $0.bytes }
    })

  /// Batches, in one piece and byte by byte: the same comes out, and nothing behind a failure.
  public static let batches = FuzzCheck(
    name: "batches",
    problem: { bytes in
      let (whole, wholeFailed) = items(bytes, by: bytes.count + 1)
      let (pieces, piecesFailed) = items(bytes, by: 3)
      return Broken.problem { () throws(Broken) in
        try Broken.expect(whole == pieces, "other items come of other pieces")
        try Broken.expect(wholeFailed == piecesFailed, "other failures come of other pieces")
      }
    },
    seeds: { Seeds.syncRecords.filter { $0.form == "batch" }.map(\.bytes) })

  private static func items(_ bytes: [UInt8], by size: Int) -> ([BatchItem], BatchReader.Failure?) {
    var reader = BatchReader()
    var found: [BatchItem] = []
    do throws(BatchReader.Failure) {
      for start in stride(from: 0, to: bytes.count, by: size) {
        reader.push(Array(bytes[start..<min(bytes.count, start + size)]))
        while let item = try reader.next() { found.append(item) }
      }
    } catch {
      return (found, error)
    }
    return (found, nil)
  }

  private static func decoded<Content>(_ decode: () throws(DecodeError) -> Content) -> Content? {
    do throws(DecodeError) {
      return try decode()
    } catch {
      return nil
    }
  }
}
