import Model
import Sync
import TestSupport
import Testing

/// One line of docs/vectors/storage.txt.
struct Vector: CustomTestStringConvertible, Sendable {
  let name: String
  let verdict: String
  let form: String
  let bytes: [UInt8]
  let expected: String

  var testDescription: String { name }

  /// Decodes the bytes as their form says: the content in words, and the bytes encoded again.
  func decode() throws(DecodeError) -> (content: String, encoded: [UInt8]) {
    switch form {
    case "commit":
      let body = try CommitDecoder.decode(bytes)
      return (Describe.commit(body), CommitEncoder.encode(body))
    case "cursors":
      let cursors = try CursorColumn.decode(bytes)
      return (Describe.cursors(cursors), CursorColumn.encode(cursors))
    case "range":
      let header = try RangeHeader(decoding: bytes)
      return (Describe.range(header), header.encoded())
    case "series": return try series()
    case "user":
      let user = try UserRecord(decoding: bytes)
      return (Describe.user(user), user.encoded())
    case "token":
      let token = try TokenRecord(decoding: bytes)
      return (Describe.token(token), token.encoded())
    case let clock where clock.hasPrefix("clock-"):
      let commits = Int(clock.dropFirst("clock-".count)) ?? 0
      let clock = try RangeClock(decoding: bytes, commits: commits)
      return (Describe.clock(clock), clock.encoded())
    default:
      let kind = UInt16(form.dropFirst("journal-".count)) ?? 0
      guard let entry = try JournalDecoder.decode(kind: kind, bytes) else {
        return ("unknown kind", [])
      }
      return (Describe.journal(entry), JournalEncoder.encode(entry))
    }
  }

  /// What is hashed to name a series, taken apart.
  private func series() throws(DecodeError) -> (content: String, encoded: [UInt8]) {
    guard let length = bytes.first.map(Int.init), bytes.count > length + 2,
      bytes.count == length + 3 + Int(bytes[length + 2]),
      let kind = DeviceIdentity.Kind(rawValue: bytes[1]),
      let device = DeviceIdentity(kind: kind, bytes: Array(bytes[2..<(length + 2)]))
    else { throw DecodeError(.truncated, at: 0) }
    let key = String(decoding: bytes[(length + 3)...], as: UTF8.self)
    return (Hex.text(SeriesId(device: device, channel: key).bytes), bytes)
  }

  static let all: [Vector] = {
    let path = #filePath.replacing("Tests/Sync/VectorTests.swift", with: "docs/vectors/storage.txt")
    return VectorFile.lines(path, fields: 5).compactMap { fields in
      Hex.bytes(fields[3]).map {
        Vector(
          name: fields[0], verdict: fields[1], form: fields[2], bytes: $0, expected: fields[4])
      }
    }
  }()
}

@Suite("Vectors of the storage format") struct VectorTests {
  @Test("the file is read whole") func count() {
    #expect(Vector.all.count >= 90)
    #expect(Set(Vector.all.map(\.verdict)) == ["golden", "accept", "reject"])
  }

  @Test("every vector decodes, encodes and is refused as it says", arguments: Vector.all)
  func vector(_ vector: Vector) {
    do {
      let (content, encoded) = try vector.decode()
      #expect(vector.verdict != "reject", "it was accepted as \(content)")
      #expect(content == vector.expected)
      #expect((encoded == vector.bytes) == (vector.verdict == "golden"))
    } catch {
      #expect(vector.verdict == "reject", "it was refused: \(error)")
      #expect(error.reason.rawValue == vector.expected)
    }
  }

  @Test("every golden body cut short anywhere is refused", arguments: Vector.all)
  func truncated(_ vector: Vector) {
    guard vector.verdict == "golden" else { return }
    for length in vector.bytes.indices {
      let cut = Vector(
        name: vector.name, verdict: "reject", form: vector.form,
        bytes: Array(vector.bytes[..<length]), expected: "")
      #expect(throws: DecodeError.self, "\(length) bytes") { try cut.decode() }
    }
  }
}
