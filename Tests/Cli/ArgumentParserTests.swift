import Testing

@testable import Cli

@Suite("Arguments")
struct ArgumentParserTests {
  private func failure(_ words: [String]) -> Failure? {
    do {
      _ = try ArgumentParser.parse(words)
      return nil
    } catch {
      return error
    }
  }

  @Test("options stand before or after their verb's words, with a space or an equals sign")
  func forms() throws {
    let invocation = try ArgumentParser.parse([
      "--json", "query", "--last", "5", "greenhouse", "--clock=node", "temperature",
    ])
    #expect(invocation.verb == .query)
    #expect(invocation.arguments.positionals == ["greenhouse", "temperature"])
    #expect(invocation.arguments.options == ["json": "", "last": "5", "clock": "node"])
  }

  @Test("minus five is an argument, and so is everything after two dashes")
  func negative() throws {
    let invocation = try ArgumentParser.parse(["send", "pump", "set", "-5", "--", "--json", "-x"])
    #expect(invocation.arguments.positionals == ["pump", "set", "-5", "--json", "-x"])
    #expect(!invocation.arguments.has("json"))
  }

  @Test("a dash alone is a word: standard input")
  func dash() throws {
    #expect(try ArgumentParser.parse(["decode", "-"]).arguments.positionals == ["-"])
  }

  @Test("nothing at all is no verb")
  func nothing() throws {
    #expect(try ArgumentParser.parse([]).verb == nil)
  }

  @Test("an unknown verb is refused with the one that was meant")
  func unknownVerb() {
    let found = failure(["stauts"])
    #expect(found?.code == .usage)
    #expect(found?.what.text(.english).contains("\"status\"") == true)
    #expect(failure(["zzzzzz"])?.what.text(.english).contains("mean") == false)
  }

  @Test(
    "what cannot be understood is refused",
    arguments: [
      ["query", "--lats", "5"], ["query", "--last"], ["query", "--last="], ["status", "--json=1"],
      ["query", "--clock", "solar"], ["--last", "5", "query"], ["status", "-q"],
      Array(repeating: "status", count: CliLimits.argumentsMax + 1),
    ])
  func refused(words: [String]) {
    #expect(failure(words)?.code == .usage)
  }

  @Test("the last of two equal options counts")
  func lastCounts() throws {
    let arguments = try ArgumentParser.parse(["query", "--last", "5", "--last", "6"]).arguments
    #expect(arguments["last"] == "6")
  }

  @Test("a count is a whole number within its bounds", arguments: ["0", "-1", "x", "1.5", "101"])
  func count(text: String) throws {
    #expect(throws: Failure.self) {
      try Arguments(positionals: [], options: ["count": text]).count("count", max: 100)
    }
    #expect(try Arguments(options: ["count": "100"]).count("count", max: 100) == 100)
  }

  @Test("every verb has one entry, and none of its options hides one of all verbs")
  func table() {
    #expect(Set(Verb.all.map(\.name)) == Set(Verb.Name.allCases))
    #expect(Verb.all.count == Verb.Name.allCases.count)
    for verb in Verb.all {
      let names = (verb.options + Verb.common).map(\.name)
      #expect(Set(names).count == names.count, "\(verb.name)")
    }
  }

  @Test("every example of the help parses")
  func examples() throws {
    for example in Verb.all.flatMap(\.examples) {
      let words = example.split(separator: " ").map(String.init)
      #expect(try ArgumentParser.parse(words).verb != nil, "\(example)")
    }
  }

  @Test("a swap of neighbours is one slip")
  func distance() {
    #expect(Suggestion.distance("stauts", "status") == 1)
    #expect(Suggestion.distance("abc", "abc") == 0)
    #expect(Suggestion.distance("", "abc") == 3)
    #expect(Suggestion.closest(to: "watc", among: ["watch", "query"]) == "watch")
    #expect(Suggestion.closest(to: "xyz", among: ["watch", "query"]) == nil)
  }
}
