import TestSupport
import Testing

@testable import Codec

/// One line of docs/vectors/codec.txt.
struct Vector: CustomTestStringConvertible, Sendable {
  let name: String
  let verdict: String
  let form: String
  let bytes: [UInt8]
  let expected: String

  var testDescription: String { name }

  /// How many numbers a form like `column-COUNT` says.
  private var count: Int { form.split(separator: "-").last.flatMap { Int($0) } ?? 0 }

  /// Decodes the bytes as their form says: the content in words, and the bytes encoded again.
  func decode() throws(CodecError) -> (content: String, encoded: [UInt8]) {
    switch form {
    case "block":
      let content = try BlockCodec.decode(bytes.span)
      return (Describe.block(content), BlockCodec.encode(content))
    case "summary":
      let quarters = try SummaryCodec.decode(bytes.span)
      let isFloat = bytes.count > 1 && bytes[1] == 1
      let form: BlockDescription.Form = isFloat ? .float : .decimal(exponent: 0)
      return (Describe.summary(quarters), SummaryCodec.encode(quarters, form: form))
    case "minutes":
      let minutes = try SummaryCodec.decode(bytes.span, by: .minutes)
      let isFloat = bytes.count > 1 && bytes[1] == 1
      let form: BlockDescription.Form = isFloat ? .float : .decimal(exponent: 0)
      return (
        Describe.summary(minutes), SummaryCodec.encode(minutes, form: form, by: .minutes)
      )
    case let column where column.hasPrefix("column-"):
      let numbers = try IntegerColumn.decode(bytes.span, count: count)
      return (Describe.numbers(numbers), IntegerColumn.encode(numbers))
    default:
      var source = ByteSource(bytes.span)
      var patterns: [Int64] = []
      try FloatColumn.decode(&source, count: count, into: &patterns)
      try source.end()
      var encoded: [UInt8] = []
      FloatColumn.encode(patterns.span, to: &encoded)
      return (Describe.patterns(patterns), encoded)
    }
  }

  /// Decodes other bytes as this vector's form says, and leaves it at that.
  func examine(_ bytes: [UInt8]) {
    switch form {
    case "block": _ = try? BlockCodec.decode(bytes.span)
    case "summary": _ = try? SummaryCodec.decode(bytes.span)
    case "minutes": _ = try? SummaryCodec.decode(bytes.span, by: .minutes)
    case let column where column.hasPrefix("column-"):
      _ = try? IntegerColumn.decode(bytes.span, count: count)
    default:
      var source = ByteSource(bytes.span)
      var patterns: [Int64] = []
      try? FloatColumn.decode(&source, count: count, into: &patterns)
    }
  }

  static let all: [Vector] = {
    let path = #filePath.replacing("Tests/Codec/VectorTests.swift", with: "docs/vectors/codec.txt")
    return VectorFile.lines(path, fields: 5).map {
      Vector(
        name: $0[0], verdict: $0[1], form: $0[2], bytes: Describe.bytes($0[3]), expected: $0[4])
    }
  }()
}

@Suite("Vectors of the codec")
struct VectorTests {
  @Test("the file is read whole, and has columns of every mode, packed and coded")
  func count() {
    #expect(Vector.all.count >= 95)
    #expect(Set(Vector.all.map(\.verdict)) == ["golden", "accept", "reject"])
    let columns = Vector.all.filter { $0.verdict == "golden" && $0.form.hasPrefix("column-") }
    #expect(Set(columns.compactMap(\.bytes.first)) == [0, 1, 2, 3, 4, 9, 10, 11, 12])
    let floats = Vector.all.filter { $0.verdict == "golden" && $0.form.hasPrefix("floats-") }
    #expect(Set(floats.compactMap(\.bytes.first)) == [0, 1, 2])
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
      #expect("\(error.reason)" == vector.expected)
    }
  }

  private func isOfNothing(_ vector: Vector) -> Bool {
    vector.form == "summary" || vector.form == "minutes"
  }

  @Test("every golden vector cut short anywhere is refused", arguments: Vector.all)
  func truncated(_ vector: Vector) {
    guard vector.verdict == "golden" else { return }
    // A summary of no bytes is one of no quarters, and of no minutes.
    for length in vector.bytes.indices where length > 0 || !isOfNothing(vector) {
      let cut = Vector(
        name: vector.name, verdict: "reject", form: vector.form,
        bytes: Array(vector.bytes[..<length]), expected: "")
      #expect(throws: CodecError.self, "\(length) bytes") { try cut.decode() }
    }
  }

  @Test("what the fast way of a query reads of a block is what the whole decoder reads")
  func query() throws {
    for vector in Vector.all where vector.form == "block" && vector.verdict == "golden" {
      let content = try BlockCodec.decode(vector.bytes.span)
      var times: [Int64] = []
      var values: [Int64] = []
      _ = try BlockCodec.decode(vector.bytes.span, times: &times, values: &values)
      #expect(times == content.times)
      #expect(values == content.values)
    }
  }

  @Test("the summary of every block is that of the vector behind it")
  func summaries() throws {
    for (block, summary) in zip(Vector.all, Vector.all.dropFirst())
    where block.form == "block" && block.verdict == "golden" {
      let content = try BlockCodec.decode(block.bytes.span)
      let quarters = SummaryCodec.summaries(of: content)
      #expect(Describe.summary(quarters ?? []) == summary.expected, "\(block.name)")
      #expect(SummaryCodec.encode(quarters, form: content.description.form) == summary.bytes)
    }
  }

  @Test("the minutes of every block are those of the vector after its summary")
  func minutes() throws {
    let all = Vector.all
    var count = 0
    for (index, block) in all.enumerated()
    where block.form == "block" && block.verdict == "golden" {
      let vector = all[index + 2]
      guard vector.form == "minutes" else {
        Issue.record("\(block.name) has no minutes")
        continue
      }
      let content = try BlockCodec.decode(block.bytes.span)
      let minutes = SummaryCodec.summaries(of: content, by: .minutes)
      #expect(Describe.summary(minutes ?? []) == vector.expected, "\(block.name)")
      let bytes = SummaryCodec.encode(
        minutes, form: content.description.form, by: .minutes)
      #expect(bytes == vector.bytes, "\(block.name)")
      count += 1
    }
    #expect(count >= 6)
  }
}
