import Testing

@testable import Gateway

@Suite("Log") struct LogTests {
  private func text(
    _ fields: KeyValuePairs<String, String>, level: Log.Level? = nil
  ) -> String {
    String(decoding: Log.line(level, "test", fields), as: UTF8.self)
  }

  @Test("a plain word stands as it is, everything else in quotes") func quoting() {
    #expect(text(["a": "plain", "b": "-1.5"]) == "event=test a=plain b=-1.5\n")
    #expect(text(["a": "two words"]) == "event=test a=\"two words\"\n")
    #expect(text(["a": ""]) == "event=test a=\"\"\n")
    #expect(text(["a": "x=y"]) == "event=test a=\"x=y\"\n")
    #expect(text(["a": "say \"no\" \\ yes"]) == "event=test a=\"say \\\"no\\\" \\\\ yes\"\n")
    #expect(text(["a": "21 °C é"]) == "event=test a=\"21 °C é\"\n")
  }

  @Test(
    "no value begins a second line or moves a cursor",
    arguments: [
      "a\n<3>event=forged", "a\r\nb", "\u{1B}[2J", "\u{9B}2J", "\u{85}x", "\u{2028}x", "\u{7F}",
      "\u{0}", "\u{202E}x",
    ])
  func forged(value: String) {
    let line = Log.line(.info, "test", ["value": value])
    #expect(line.count { $0 == 0x0A } == 1)
    #expect(line.last == 0x0A)
    let text = String(decoding: line.dropLast(), as: UTF8.self)
    #expect(text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    #expect(!text.unicodeScalars.contains { (0x2028...0x202E).contains($0.value) })
    #expect(text.contains("value=\"") && text.hasSuffix("\""))
  }

  @Test("of several sites each line says which one it is of") func sites() {
    let line = Log.line(.info, "test", ["a": "b"], site: "north")
    #expect(String(decoding: line, as: UTF8.self) == "<6>event=test site=north a=b\n")
  }

  @Test("a priority of the journal stands before the line, and only where it is wanted")
  func priorities() {
    #expect(text([:], level: .error) == "<3>event=test\n")
    #expect(text([:], level: .debug) == "<7>event=test\n")
    #expect(text([:]) == "event=test\n")
    #expect(Log.Level(name: "warning") == .warning)
    #expect(Log.Level(name: "Warning") == nil)
  }

  @Test("a value that is too long is cut between characters, and its quotes are closed")
  func longValue() {
    for lead in 0..<4 {
      let value = String(repeating: "x", count: lead) + String(repeating: "é", count: 5000)
      let line = Log.line(nil, "test", ["value": value, "after": "1"])
      #expect(line.count <= Log.lineBytesMax)
      let text = String(validating: line, as: UTF8.self)
      #expect(text?.contains("...\" after=1\n") == true, "lead \(lead)")
    }
  }

  @Test("a line that is too long says that fields are missing") func longLine() {
    let value = String(repeating: "x", count: 500)
    let line = Log.line(
      nil, "test", ["a": value, "b": value, "c": value, "d": value, "e": value])
    #expect(line.count <= Log.lineBytesMax)
    #expect(String(decoding: line, as: UTF8.self).hasSuffix(" cut=true\n"))
  }
}
