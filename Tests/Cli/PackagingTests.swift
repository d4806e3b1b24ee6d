import Reactor
import Testing

@testable import Cli

@Suite("Man page and completion")
struct PackagingTests {
  private func file(_ path: String) throws -> String {
    let here = "\(#filePath)".split(separator: "/").dropLast(3).joined(separator: "/")
    let bytes = try System.readFile("/" + here + "/packaging/" + path, bytesMax: 1 << 20)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("the man page knows every verb and every option")
  func man() throws {
    let page = try file("man/bivouac.1")
    for verb in Verb.all {
      #expect(page.contains(".Cm \(verb.name.rawValue)"), "\(verb.name)")
      for option in verb.options + Verb.common {
        #expect(page.contains("Fl Fl \(option.name)"), "--\(option.name)")
      }
    }
  }

  @Test("the man page names every exit code")
  func exitCodes() throws {
    let page = try file("man/bivouac.1")
    for code in 0...5 { #expect(page.contains("\n.It \(code)\n")) }
  }

  @Test("the completion offers every verb, with its options")
  func completion() throws {
    let script = try file("completions/bivouac.bash")
    let words = Set(script.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init))
    for verb in Verb.all {
      #expect(words.contains(verb.name.rawValue), "\(verb.name)")
      for option in verb.options + Verb.common {
        #expect(words.contains("--" + option.name), "--\(option.name)")
      }
    }
  }
}
