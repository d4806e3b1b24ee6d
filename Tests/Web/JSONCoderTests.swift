import FoundationEssentials
import TestSupport
import Testing

@testable import Web

/// Our coders beside the toolchain's, which this project does not ship (docs/adr/0006).
@Suite("JSON coders") struct JSONCoderTests {
  /// Every kind of field that a view may have.
  struct Sample: Codable, Equatable {
    enum Level: String, Codable { case low, high }
    struct Part: Codable, Equatable {
      var size: Double
      var names: [String]
      var level: Level?
    }
    var zone: String
    var isOpen: Bool
    var byte: UInt8
    var small: Int16
    var large: UInt64
    var signed: Int64
    var float: Float
    var double: Double
    var maybe: String?
    var maybes: [Int?]
    var parts: [Part]
    var byName: [String: Part]
    var grid: [[Int]]
  }

  private static let texts = [
    "", "a", "greenhouse/1", "quote\" and \\", "tab\t line\n return\r", "\u{0}\u{1}\u{1f}\u{7f}",
    "\u{8}\u{c}", "é à ü", "日本語", "👩‍🌾", "e\u{301}", "</script>", "\u{2028}\u{feff}",
    "a text of more than fifteen bytes",
  ]
  private static let doubles = [
    0, -0.0, 1, -1, 0.1, 21.5, 1e15, 1e16, 1e17, 1e300, .leastNonzeroMagnitude, .pi, -2.5e-7,
    .greatestFiniteMagnitude,
    .infinity, -.infinity,
  ]

  private static func sample(_ random: inout Prng) -> Sample {
    func text(_ random: inout Prng) -> String {
      texts[random.below(texts.count)] + texts[random.below(texts.count)]
    }
    func part(_ random: inout Prng) -> Sample.Part {
      Sample.Part(
        size: doubles[random.below(doubles.count)], names: random.some(3) { text(&$0) },
        level: [nil, .low, .high][random.below(3)])
    }
    let pairs = random.some(5) { (text(&$0), part(&$0)) }
    return Sample(
      zone: text(&random), isOpen: random.below(2) == 0,
      byte: UInt8(truncatingIfNeeded: random.next()),
      small: Int16(truncatingIfNeeded: random.next()), large: random.next(),
      signed: Int64(bitPattern: random.next()) >> random.below(64),
      float: Float(doubles[random.below(10)]),
      double: Double(Int64(bitPattern: random.next())) / 1e9,
      maybe: random.below(2) == 0 ? nil : text(&random),
      maybes: random.some(4) { $0.below(2) == 0 ? nil : $0.below(1000) - 500 },
      parts: random.some(3) { part(&$0) }, byName: Dictionary(pairs) { $1 },
      grid: random.some(3) { $0.some(3) { $0.below(100) } })
  }

  private static func theirs() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return encoder
  }

  @Test(
    "a value is written as the toolchain's encoder writes it, and read back", arguments: 0..<200)
  func same(seed: Int) throws {
    var random = Prng(seed: UInt64(seed))
    let sample = Self.sample(&random)
    let ours = try JSON.encode(sample)
    let theirs = [UInt8](try Self.theirs().encode(sample))
    #expect(String(decoding: ours, as: UTF8.self) == String(decoding: theirs, as: UTF8.self))
    #expect(try JSON.decode(Sample.self, from: ours) == sample, "seed \(seed)")
  }

  @Test("any document is judged and read as the toolchain's decoder does", arguments: 0..<400)
  func mutated(seed: Int) throws {
    var random = Prng(seed: UInt64(seed))
    var bytes = try JSON.encode(Self.sample(&random))
    let letters = Array("{}[]\",:\\u0019eE+-.tfn dD8 \n\u{7f}é".utf8) + [0x80, 0xC3, 0xED, 0xF8]
    for _ in 0...random.below(3) {
      let place = 1 + random.below(bytes.count - 1)
      switch random.below(3) {
      case 0: bytes[place] = letters[random.below(letters.count)]
      case 1: bytes.insert(letters[random.below(letters.count)], at: place)
      default: bytes.remove(at: place)
      }
    }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    let theirs = Result { try decoder.decode(Tree.self, from: Data(bytes)) }
    let ours = Result { try JSON.decode(Tree.self, from: bytes) }
    let text = String(decoding: bytes, as: UTF8.self)
    switch (ours, theirs) {
    case (.success(let ours), .success(let theirs)):
      #expect(ours == theirs, "seed \(seed): \(text)")
    case (.failure, .failure): break
    default: Issue.record("seed \(seed): ours \(ours), theirs \(theirs): \(text)")
    }
  }

  @Test(
    "what is not JSON is refused",
    arguments: [
      "", " ", "nul", "nulll", "True", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "1 2",
      "NaN",
      "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\ud800\"", "\"\\udc00\"",
      "\"\\ud800\\u0041\"", "\"\\ud800\\n\"", "\"\n\"", "'a'", "[", "]", "[1", "[1,", "[1,]",
      "[,1]",
      "[1 2]", "[1}", "{", "}", "{1:2}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\" 1}",
      "{\"a\":1 \"b\":2}", "{\"a\":1]", "[]]", "{}{}", "// a\n1", "\u{feff}1",
    ]) func refused(text: String)
  {
    #expect(throws: JSONFailure.self, "\(text)") {
      try JSON.decode(Tree.self, from: Array(text.utf8))
    }
  }

  @Test(
    "what is JSON is read",
    arguments: [
      ("null", Tree.null), (" \t\r\n1 ", .number(1)), ("-0", .number(0)), ("1E+2", .number(100)),
      ("\"\\u00e9\\uD83D\\uDE00\\/\\b\"", .text("é😀/\u{8}")), ("[ ]", .list([])),
      ("{ }", .object([:])),
      ("{\"a\" : [ 1 , {} ] }", .object(["a": .list([.number(1), .object([:])])])),
      ("{\"a\":1,\"b\":2,\"a\":3}", .object(["a": .number(3), "b": .number(2)])),
    ]) func accepted(text: String, value: Tree) throws
  {
    #expect(try JSON.decode(Tree.self, from: Array(text.utf8)) == value)
  }

  @Test("bytes that are not UTF-8 are refused, even in a name that nobody asks for") func encoding()
  {
    for bytes in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] as [[UInt8]] {
      let text = Array("{\"a\":1,\"".utf8) + bytes + Array("\":2}".utf8)
      #expect(throws: JSONFailure("this is not JSON")) {
        try JSON.decode([String: Int].self, from: text)
      }
    }
  }

  @Test("a whole number is read where it fits, however it is written") func numbers() throws {
    #expect(try JSON.decode([Int].self, from: Array("[1.0,1e3,-2E0]".utf8)) == [1, 1000, -2])
    #expect(try JSON.decode([UInt64].self, from: Array("[18446744073709551615]".utf8)) == [.max])
    for text in ["[256]", "[-1]", "[0.5]", "[1e99]", "[\"1\"]"] {
      #expect(throws: JSONFailure.self) { try JSON.decode([UInt8].self, from: Array(text.utf8)) }
    }
    #expect(throws: JSONFailure.self) {
      try JSON.decode([Double].self, from: Array("[1e999]".utf8))
    }
  }

  @Test("a document is as deep as the limit, and no deeper") func depth() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    _ = try JSON.decode(Tree.self, from: nested(WebLimits.jsonDepthMax))
    #expect(throws: JSONFailure("this is not JSON")) {
      try JSON.decode(Tree.self, from: nested(WebLimits.jsonDepthMax + 1))
    }
    #expect(throws: JSONFailure("this is not JSON")) {
      try JSON.decode(Tree.self, from: nested(500_000))
    }
  }

  @Test("containers that are asked for by hand close in order") func byHand() throws {
    struct Hand: Encodable {
      enum Keys: String, CodingKey { case list, inner, after, nothing }
      struct Silent: Encodable { func encode(to encoder: any Encoder) {} }
      func encode(to encoder: any Encoder) throws {
        var outer = encoder.container(keyedBy: Keys.self)
        var list = outer.nestedUnkeyedContainer(forKey: .list)
        try list.encode(1)
        var within = list.nestedContainer(keyedBy: Keys.self)
        try within.encodeNil(forKey: .after)
        try list.encode(2)
        #expect(list.count == 3)
        _ = outer.nestedContainer(keyedBy: Keys.self, forKey: .inner)
        try outer.encode(true, forKey: .after)
        try outer.encode(Silent(), forKey: .nothing)
      }
    }
    let text = String(decoding: try JSON.encode(Hand()), as: UTF8.self)
    #expect(text == "{\"after\":true,\"inner\":{},\"list\":[1,{\"after\":null},2],\"nothing\":{}}")
  }

  @Test("a name that begins another goes before it, whatever comes after") func order() throws {
    let names = [
      "ab": 1, "a": 2, "a b": 3, "a!": 4, "": 5, "a\"": 6, "é": 7, "b": 8, "a\n": 9, "a\t": 10,
    ]
    let ours = String(decoding: try JSON.encode(names), as: UTF8.self)
    let ordered = names.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let members = try ordered.map { name in
      let pair = String(decoding: try JSON.encode([name: names[name]]), as: UTF8.self)
      return String(pair.dropFirst().dropLast())
    }
    #expect(ours == "{" + members.joined(separator: ",") + "}")
    #expect(ours.contains("\"a\\t\":10,\"a\\n\":9,\"a b\":3"))
  }
}

/// Any document.
enum Tree: Codable, Equatable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([Tree])
  case object([String: Tree])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = Self.attempt({ try value.decode(Bool.self) }) {
      self = .bool(bool)
    } else if let number = Self.attempt({ try value.decode(Double.self) }) {
      self = .number(number)
    } else if let text = Self.attempt({ try value.decode(String.self) }) {
      self = .text(text)
    } else if let list = Self.attempt({ try value.decode([Tree].self) }) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: Tree].self))
    }
  }

  private static func attempt<Value>(_ read: () throws -> Value) -> Value? {
    do { return try read() } catch { return nil }
  }

  func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .null: try value.encodeNil()
    case .bool(let bool): try value.encode(bool)
    case .number(let number): try value.encode(number)
    case .text(let text): try value.encode(text)
    case .list(let list): try value.encode(list)
    case .object(let members): try value.encode(members)
    }
  }
}

extension Prng {
  /// Fewer than so many values.
  mutating func some<Value>(_ bound: Int, _ make: (inout Prng) -> Value) -> [Value] {
    (0..<below(bound)).map { _ in make(&self) }
  }
}
