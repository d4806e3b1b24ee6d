import Protocol
import Testing

@testable import ProtocolSearch

extension Vector: CustomTestStringConvertible {
  /// The name in the file.
  public var testDescription: String { "\(sort).\(name)" }
}

@Suite("The vectors shared with the C library") struct VectorTests {
  @Test("the file is there and covers every message") func fileIsThere() {
    #expect(Vector.all.count >= 240)
    #expect(Vector.unread == [])
    for sort in ["framing", "wire", "body", "descriptor"] {
      #expect(!Vector.all(of: sort).isEmpty, "\(sort)")
    }
    for kind in [Vector.Kind.golden, .accept, .reject] {
      #expect(Vector.all.count { $0.kind == kind } >= 30, "\(kind)")
    }
  }

  @Test("a body is framed as the vectors say", arguments: Vector.all(of: "framing"))
  func framing(vector: Vector) throws {
    let body = try #require(vector.values("body").first.flatMap(hexBytes))
    #expect(frameBytes(body) == vector.bytes)
  }

  @Test("a stream is cut as the vectors say", arguments: Vector.all(of: "wire"))
  func wire(vector: Vector) {
    let heard = Heard(vector.bytes)
    var text = "frames=\(heard.frames.count) corrupt=\(heard.counts.corrupt)"
    text += " overruns=\(heard.counts.overruns) noise=\(heard.counts.noiseLines)"
    for frame in heard.frames { text += " b=" + hexText(frame) }
    for line in heard.lines { text += " t=" + hexText(line) }
    #expect(text == vector.expected)
    switch vector.kind {
    case .golden: #expect(heard.frames.map(frameBytes) == [vector.bytes])
    case .accept: break
    case .reject: #expect(heard.frames.isEmpty)
    }
  }

  @Test(
    "a message is read, written or refused as the vectors say", arguments: Vector.all(of: "body"))
  func body(vector: Vector) throws {
    let limit = vector.values("max").first.flatMap { Int($0) } ?? Limits.bodyBytesMax
    switch vector.kind {
    case .golden, .accept:
      let message = try MessageText(vector.bytes, bodyBytesMax: limit)
      let expected = vector.expected.split(separator: " ").filter { !$0.hasPrefix("max=") }
      #expect(message.text.split(separator: " ") == expected)
      if vector.kind == .golden { #expect(message.again == vector.bytes) }
    case .reject:
      let thrown = #expect(throws: Malformed.self) {
        _ = try MessageText(vector.bytes, bodyBytesMax: limit)
      }
      let reason = try #require(thrown)
      #expect("\(reason)" == vector.values("why").first.map(String.init))
    }
  }

  @Test(
    "a descriptor is read or refused as the vectors say", arguments: Vector.all(of: "descriptor"))
  func descriptor(vector: Vector) throws {
    guard vector.kind != .reject else {
      #expect(throws: Malformed.self) { _ = try DescriptorReader.summary(vector.bytes.span) }
      return
    }
    #expect(try descriptorText(vector.bytes) == vector.expected)
  }

  private func descriptorText(_ bytes: [UInt8]) throws -> String {
    let summary = try DescriptorReader.summary(bytes.span)
    let hash = String(Fnv1a.hash(bytes.span), radix: 16)
    func string(_ range: Range<Int>) -> String {
      range.isEmpty ? "-" : String(decoding: bytes[range], as: UTF8.self)
    }
    var text = "channels=\(summary.channelCount) commands=\(summary.commandCount)"
    text += " model=" + hexText(Array(bytes[summary.model]))
    text += " firmware=" + hexText(Array(bytes[summary.firmware]))
    text += " hash=" + String(repeating: "0", count: 16 - hash.count) + hash
    try DescriptorReader.forEachChannel(bytes.span) { channel throws(Malformed) in
      text += " c=\(string(channel.key)),\(string(channel.unit)),\(channel.kind)"
      text += ",\(channel.exponent),\(channel.periodMs)"
    }
    try DescriptorReader.forEachCommand(bytes.span) { command throws(Malformed) in
      let flags = (command.takesLease ? 1 : 0) | (command.isSignal ? 2 : 0)
      text += " k=\(string(command.name)),\(command.op),\(flags)"
      text += ",\(command.argumentCount)"
    }
    return text
  }
}
