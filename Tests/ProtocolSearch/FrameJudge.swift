import Protocol

/// One reader that hears one damaged stream after another, each followed by a good frame.
///
/// A reader in mid-stream is the harder one to satisfy: on a port just opened, what comes before
/// the first zero is never a frame.
struct FrameJudge: ~Copyable {
  /// The body of the frame that follows every damaged one, and its bytes on the wire.
  private let next: [UInt8]
  private let nextFrame: [UInt8]
  private var reader = FrameReader()
  private(set) var trials = 0
  /// Bodies that came out and had not been sent.
  private(set) var undetected = 0
  /// Bodies that had come through whole, or stood after the damage, and did not come out.
  private(set) var lost = 0

  init(next: [UInt8]) {
    self.next = next
    nextFrame = frameBytes(next)
    // Nothing is a frame before the first zero.
    reader.push([0].span, nowUs: 0) { _, _ in }
  }

  /// A port that is opened in mid-stream.
  mutating func reopen() { reader = FrameReader() }

  /// Hears `stream` and the good frame: exactly `expected` and the good frame's body must come out.
  mutating func hear(_ stream: Span<UInt8>, expected: [UInt8]? = nil) {
    trials += 1
    var wrong = 0
    var rightCount = 0
    let rightMax = expected == nil ? 1 : 2
    let (next, nextFrame) = (self.next, self.nextFrame)
    let judge = { (output: FrameReader.Output, body: Span<UInt8>) in
      guard output == .frame else { return }
      let right = rightCount == rightMax - 1 ? next : expected ?? next
      if rightCount < rightMax, Self.areEqual(right, body) { rightCount += 1 } else { wrong += 1 }
    }
    reader.push(stream, nowUs: 0, emit: judge)
    reader.push(nextFrame.span, nowUs: 0, emit: judge)
    undetected += wrong
    lost += rightMax - rightCount
  }

  private static func areEqual(_ array: [UInt8], _ span: Span<UInt8>) -> Bool {
    guard array.count == span.count else { return false }
    for index in array.indices where array[index] != span[index] { return false }
    return true
  }
}
