import Codec
import Model
import TestSupport
import Testing

@testable import Sync

/// One line of docs/vectors/sync-records.txt.
struct RecordVector: CustomTestStringConvertible, Sendable {
  let name: String
  let verdict: String
  let form: String
  let bytes: [UInt8]
  let expected: String

  var testDescription: String { name }

  static let all: [RecordVector] = {
    let path = #filePath.replacing(
      "Tests/Sync/RecordVectorTests.swift", with: "docs/vectors/sync-records.txt")
    return VectorFile.lines(path, fields: 5).compactMap { fields in
      Hex.bytes(fields[3]).map {
        RecordVector(
          name: fields[0], verdict: fields[1], form: fields[2], bytes: $0, expected: fields[4])
      }
    }
  }()

  /// The content in words, and the bytes encoded again.
  func decode() throws -> (content: String, encoded: [UInt8]) {
    switch form {
    case "entry":
      let entry = try SignedEntry(decoding: record)
      let hash = entry.contentHash(of: try run())
      let body = entry.body.isEmpty ? "-" : Hex.text(entry.body)
      let words =
        "lane \(entry.lane.rawValue) seq \(entry.seq) kind \(entry.kind) body \(body) "
        + "content \(Hex.text(hash)) link \(Hex.text(entry.link(of: try run()))) "
      return (words + Self.word(entry.holds(of: try run())), owner + entry.encoded())
    case "live":
      let live = try SignedLive(decoding: record)
      let hashes = live.commitHashes(of: try run()).map { Hex.text($0) + " " }.joined()
      let words = "from \(live.first) \(hashes)"
      return (words + Self.word(live.holds(of: try run())), owner + live.encoded())
    case "range":
      let (range, _) = try SignedRange.decode(record)
      let words = "before \(Hex.text(range.before)) header \(Hex.text(range.headerHash)) "
      return (words + Self.word(range.holds(of: try run())), owner + range.encoded())
    case "description":
      let said = try SignedDescription(decoding: record)
      let words = "header \(Hex.text(said.headerHash))\(said.blocks.map(Self.text).joined()) "
      return (words + Self.word(said.holds(of: try run())), owner + said.encoded())
    case "parcel":
      let parcel = try BlockParcel(decoding: bytes)
      func text(_ field: [UInt8]?) -> String {
        field.map { $0.isEmpty ? "-" : Hex.text($0) } ?? "none"
      }
      let words = "summary \(text(parcel.summary)) content \(text(parcel.content))"
      return ("\(parcel.index) " + words, parcel.encoded())
    case "vector":
      let vector = try HaveVector(decoding: bytes)
      let logs = vector.logs.sorted { $0.key < $1.key }.map(Self.text).joined()
      return ("digest \(Hex.text(vector.digest))\(logs)", vector.encoded())
    case "delta":
      let delta = try VectorDelta(decoding: bytes)
      let logs = delta.logs.sorted { $0.key < $1.key }.map(Self.text).joined()
      let digests = "\(Hex.text(delta.base)) to \(Hex.text(delta.result))"
      return (digests + logs, delta.encoded())
    default: return (try batch(), bytes)
    }
  }

  private var owner: [UInt8] { Array(bytes.prefix(40)) }

  private var record: [UInt8] { Array(bytes.dropFirst(40)) }

  private func run() throws -> RunId {
    var reader = FieldReader(bytes.span)
    return try reader.run()
  }

  private static func word(_ holds: Bool) -> String { holds ? "holds" : "forged" }

  private static func text(_ block: SignedDescription.Block) -> String {
    let about = block.description
    var (clock, form, exponent) = ("node", 0, 0)
    if case .device(let epoch) = about.clock { clock = "\(epoch)" }
    switch about.form {
    case .decimal(let power): exponent = Int(power)
    case .float: form = 1
    case .text: form = 2
    }
    let unit = about.unit.isEmpty ? "-" : String(decoding: about.unit, as: UTF8.self)
    return "; \(clock) \(form) kind \(about.kind) exponent \(exponent) unit \(unit) "
      + "\(block.start) to \(block.end)"
  }

  private static func text(_ log: LogId, _ state: HaveLog) -> String {
    func spans(_ intervals: Intervals) -> String {
      intervals.isEmpty ? "-" : intervals.description.replacing(" ", with: ",")
    }
    let origin = log.run.origin.description.prefix(8)
    return "; \(origin)/\(log.run.incarnation)/\(log.lane.rawValue) seen \(spans(state.seen)) "
      + "held \(spans(state.held))" + (state.ancestors > 0 ? " above \(state.ancestors)" : "")
      + state.begun.map { " begun \($0.first):\($0.blocks)" }.joined()
  }

  private func batch() throws -> String {
    var reader = BatchReader()
    reader.push(bytes)
    var words: [String] = []
    while let item = try reader.next() {
      switch item {
      case .run: words.append("run")
      case .entry: words.append("entry")
      case .live: words.append("live")
      case .description: words.append("description")
      case .range: words.append("range")
      case .continuation(let first, _): words.append("continuation\(first)")
      case .block: words.append("block")
      case .endOfRange: words.append("endOfRange")
      case .end: words.append("end")
      case .seal: words.append("seal")
      case .malformed(let type, _): words.append("malformed\(type)")
      case .skipped(let type): words.append("skipped\(type)")
      }
    }
    if reader.waitingByteCount > 0 { words.append("waits") }
    return words.joined(separator: " ")
  }
}

@Suite("The vectors of what nodes send") struct RecordVectorTests {
  @Test("all of them are there")
  func count() {
    #expect(RecordVector.all.count >= 75)
    let forms = Set(RecordVector.all.map(\.form))
    #expect(
      forms == [
        "entry", "live", "range", "description", "parcel", "vector", "delta", "batch",
      ])
  }

  @Test("each is read as the second implementation meant it", arguments: RecordVector.all)
  func vector(_ vector: RecordVector) throws {
    if vector.verdict == "golden" {
      let (content, encoded) = try vector.decode()
      #expect(content == vector.expected)
      #expect(encoded == vector.bytes)
      return
    }
    do {
      let (content, _) = try vector.decode()
      Issue.record("accepted as \(content)")
    } catch let error as DecodeError {
      #expect(error.reason.rawValue == vector.expected)
    } catch let error as BatchReader.Failure {
      #expect("\(error)" == vector.expected)
    }
  }

  @Test("an entry and commits are signed as the second implementation signs them")
  func signing() throws {
    let first = try #require(RecordVector.all.first { $0.name == "the first entry of a log" })
    let entry = SignedEntry(
      lane: .state, seq: 1, clockEpoch: try Signers.clockEpoch(), kind: 1, body: [1, 0],
      previousLink: EntryChain.start, incarnation: Incarnation(7), key: try Signers.key(1))
    #expect(Array(first.bytes.dropFirst(40)) == entry.encoded())
    let commit = try #require(RecordVector.all.first { $0.name == "one commit" })
    let live = SignedLive(
      first: 1, clockEpoch: try Signers.clockEpoch(), bodies: [[1, 0, 0]],
      incarnation: Incarnation(7), key: try Signers.key(1))
    #expect(Array(commit.bytes.dropFirst(40)) == live.encoded())
  }
}
