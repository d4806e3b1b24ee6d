import Testing

@testable import Web

@Suite("Exposition of metrics") struct ExpositionTests {
  private func text(_ body: (inout Exposition) -> Void) -> String {
    var page = Exposition()
    body(&page)
    return String(decoding: page.bytes, as: UTF8.self)
  }

  @Test("a family is its help, its type and its samples") func family() {
    let page = text { page in
      page.begin("things", .gauge, "Things.")
      page.add(1, ["kind": "a"])
      page.add(2.5, ["kind": "b", "place": "c"])
    }
    #expect(
      page == """
        # HELP things Things.
        # TYPE things gauge
        things{kind="a"} 1
        things{kind="b",place="c"} 2.5

        """)
  }

  @Test("labels of every sample come before its own") func common() {
    var page = Exposition(common: ["site": "no\"rth"])
    page.single("things", .gauge, "Things.", 1)
    page.add(2, ["kind": "a"])
    let lines = String(decoding: page.bytes, as: UTF8.self).split(separator: "\n").dropFirst(2)
    #expect(lines == ["things{site=\"no\\\"rth\"} 1", "things{site=\"no\\\"rth\",kind=\"a\"} 2"])
  }

  @Test("what would end a label, a line or the help is escaped") func escapes() {
    let page = text { page in
      page.begin("things", .gauge, "a\\b\nc\"d")
      page.add(1, ["name": "\"} 9\n# \\"])
    }
    #expect(page.contains("# HELP things a\\\\b\\nc\"d\n"))
    #expect(page.contains("things{name=\"\\\"} 9\\n# \\\\\"} 1\n"))
  }

  @Test(
    "numbers are written as readers of the format want them",
    arguments: [
      (0, "0"), (-3, "-3"), (1e15, "1000000000000000"), (0.1, "0.1"), (1e300, "1e+300"),
      (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
    ] as [(Double, String)])
  func numbers(value: Double, expected: String) {
    #expect(text { $0.single("thing", .gauge, "A thing.", value) }.hasSuffix("thing \(expected)\n"))
  }

  @Test("a counter that does not say so in its name stops the process") func misnamed() async {
    await #expect(processExitsWith: .failure) {
      var page = Exposition()
      page.begin("things", .counter, "Things.")
    }
  }
}
