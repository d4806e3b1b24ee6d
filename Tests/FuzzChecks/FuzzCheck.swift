/// One decoder under arbitrary bytes, with what must hold whatever they are.
///
/// The fuzzers of `fuzz/` run it by the million; `Tests/Replay` runs it over every vector and every
/// input that ever broke it.
public struct FuzzCheck: Sendable {
  /// As in the name of its fuzzer and of its file of regressions.
  public let name: String
  /// What is wrong with what came of the bytes; nil when nothing is. A trap is a finding as well.
  public let problem: @Sendable (_ bytes: [UInt8]) -> String?
  /// Inputs to begin from, made of the vectors.
  public let seeds: @Sendable () -> [[UInt8]]

  /// Every check.
  public static let all: [FuzzCheck] = [
    frames, messages, samples, descriptors, commits, journal, host, board, blocks,
    records, vectors, batches, hello,
  ]
}

extension FuzzCheck: CustomStringConvertible {
  /// Its name, for reports of tests.
  public var description: String { name }
}

/// Says what does not hold; `nil` of `expect` is that it does.
struct Broken: Error {
  let what: String

  static func expect(_ holds: Bool, _ what: @autoclosure () -> String) throws(Broken) {
    if !holds { throw Broken(what: what()) }
  }

  /// What a check throws, as the word of the check.
  static func problem(_ check: () throws(Broken) -> Void) -> String? {
    do throws(Broken) {
      try check()
      return nil
    } catch {
      return error.what
    }
  }
}

extension Span<UInt8> {
  /// A copy that outlives the span.
  var array: [UInt8] { indices.map { self[$0] } }
}
