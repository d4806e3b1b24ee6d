import Model
import Reactor
import Testing

@testable import Cli

@Suite("Decoding captures")
struct DecodeTests {
  private struct Vector {
    let name: String
    let kind: String
    let bytes: [UInt8]
    let expected: [String]
  }

  private func vectors(_ prefix: String) throws -> [Vector] {
    let here = "\(#filePath)".split(separator: "/").dropLast(3).joined(separator: "/")
    let text = String(
      decoding: try System.readFile(
        "/" + here + "/firmware-spec/vectors/link.txt", bytesMax: 4 << 20), as: UTF8.self)
    return text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: "|").map { String($0.drop { $0 == " " }) }
      guard fields.count == 4, fields[0].hasPrefix(prefix) else { return nil }
      let words = fields.map { field in field.split(separator: " ").map(String.init) }
      let hex = words[2].first ?? "-"
      guard let bytes = hex == "-" ? [] : Hex.bytes(hex) else { return nil }
      return Vector(
        name: words[0].first ?? "", kind: words[1].first ?? "", bytes: bytes, expected: words[3])
    }
  }

  private func items(_ bytes: [UInt8]) -> [CaptureItem] {
    var decoder = CaptureDecoder()
    var items: [CaptureItem] = []
    decoder.push(bytes) { items.append($0) }
    decoder.finish { items.append($0) }
    return items
  }

  @Test("every capture of the vectors shows the frames and the lines that it holds")
  func wires() throws {
    let wires = try vectors("wire.")
    #expect(wires.count > 20)
    for wire in wires where wire.kind != "reject" {
      let found = items(wire.bytes)
      let bodies = wire.expected.filter { $0.hasPrefix("b=") }.map { String($0.dropFirst(2)) }
      #expect(found.filter { $0.kind == "frame" }.compactMap(\.body) == bodies, "\(wire.name)")
      let lines = wire.expected.filter { $0.hasPrefix("t=") }
      #expect(found.filter { $0.kind == "text" }.count == lines.count, "\(wire.name)")
    }
  }

  @Test("every body of the vectors is a message, and those refused are malformed")
  func bodies() throws {
    let bodies = try vectors("body.")
    #expect(bodies.count > 50)
    for body in bodies where !body.bytes.isEmpty {
      let item = MessageText.item(body.bytes.span)
      let isMalformed = item.text?.hasPrefix("malformed") == true
      #expect(isMalformed == (body.kind == "reject"), "\(body.name): \(item)")
    }
  }

  @Test("a message has its name, its fields, and where it ended")
  func fields() throws {
    let hex = "00030e030101020a0101020c0101030a20010101b5d68de78700"
    let found = items(Array("boot\r\n".utf8) + (try #require(Hex.bytes(hex))))
    #expect(found.map(\.type) == [nil, "ACK"])
    #expect(found.first?.text == "boot")
    #expect(found.last?.offset == UInt64(6 + hex.utf8.count / 2))
    #expect(
      found.last?.fields == [
        .init("epoch", 3), .init("durable", 10), .init("received", 12), .init("limit", 8_202),
        .init("again", 0),
      ])
  }

  private func decode(
    _ content: [UInt8], _ words: [String], columns: Int = 80
  ) throws -> (ExitCode, MemoryOutput) {
    let path = try temporaryFolder() + "/capture"
    try System.writeFile(path, content)
    let output = MemoryOutput()
    output.columns = columns
    let settings = Settings(arguments: words, .with(), isTerminal: false)
    var taken = settings
    let arguments = try ArgumentParser.parse(["decode", path] + words).arguments
    try taken.take(arguments)
    var decode = Decode(taken, output)
    return (try decode.run(arguments), output)
  }

  @Test("a capture is shown as a table, with a count at its end, in either language")
  func table() throws {
    let hex = "626f6f740d0a 000312070101019bf0f8888c00  # a comment\n"
    let (code, output) = try decode(Array(hex.utf8), ["--hex"])
    #expect(code == .success)
    #expect(
      output.text == """
               5  text             boot
              19  TIME             cookie=7

        """)
    #expect(
      output.notes == ["19 bytes: 1 frame, 0 corrupt, 0 overruns, 1 line of text, 0 of noise."])
    let (_, french) = try decode(Array(hex.utf8), ["--hex", "--lang", "fr"])
    #expect(french.text.contains("  texte "))
    #expect(french.notes.first?.hasPrefix("19 octets\u{A0}: 1 trame, 0 corrompue,") == true)
  }

  @Test("as JSON each item is a line, and nothing else is written")
  func json() throws {
    let (_, output) = try decode(Array("a\nb\n".utf8), ["--json"])
    #expect(output.text.split(separator: "\n").count == 2)
    #expect(output.text.hasPrefix(#"{"fields":[],"kind":"text","offset":2,"text":"a"}"#))
    #expect(output.notes.isEmpty)
  }

  @Test("no line of a long message is wider than the page")
  func wide() throws {
    let hello = try #require(try vectors("wire.").max { $0.bytes.count < $1.bytes.count })
    let (_, output) = try decode(hello.bytes, [], columns: 60)
    for line in output.text.split(separator: "\n") {
      #expect(TextWidth.columns(line) <= 60 || !line.contains(" = "), "\(line)")
    }
  }

  @Test("what is no hexadecimal, and what is not there, is refused")
  func refused() throws {
    #expect(throws: Failure.self) { try decode(Array("xyz".utf8), ["--hex"]) }
    let settings = Settings(arguments: [], .with(), isTerminal: false)
    #expect(throws: Failure.self) {
      var decode = Decode(settings, MemoryOutput())
      _ = try decode.run(Arguments(positionals: ["nothing/there"]))
    }
  }
}
