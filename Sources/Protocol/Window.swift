/// The wire bytes that a host has outstanding towards a board (PROTOCOL.md 4.2, point 7).
///
/// A board's receiver may be as small as 48 bytes and unread for seconds: what was sent and is not
/// known to have left that receiver counts against it.
struct Window: Sendable {
  /// What clears a frame before its time.
  enum Kind: Sendable { case resume, provision, descriptorRead, command, ack, time, other }

  private struct Entry: Sendable {
    var kind: Kind
    var bytes: Int
    var sentUs: Int64
  }

  /// Frames are forgotten after this.
  static let clearUs: Int64 = 250_000
  /// An ACK is known to have left the receiver when something was heard this long after it.
  static let ackClearUs: Int64 = 50_000
  /// More frames than fit the smallest frame into 250 ms of a fast line are never outstanding: when
  /// the table is full nothing is sent.
  static let entriesMax = 16

  private var entries = InlineArray<16, Entry>(
    repeating: Entry(kind: .other, bytes: 0, sentUs: 0))
  private var count = 0
  private var bytes = 0

  /// Whether nothing is outstanding.
  var isEmpty: Bool { count == 0 }

  /// When the oldest frame is forgotten; nil when none is outstanding.
  var clearsUs: Int64? { count == 0 ? nil : entries[0].sentUs + Self.clearUs }

  /// Whether one more frame fits.
  func holds(_ frameBytes: Int, of windowBytes: Int) -> Bool {
    count < Self.entriesMax && bytes + frameBytes <= windowBytes
  }

  /// Notes a frame that was sent.
  mutating func sent(_ kind: Kind, frameBytes: Int, nowUs: Int64) {
    precondition(count < Self.entriesMax)
    entries[count] = Entry(kind: kind, bytes: frameBytes, sentUs: nowUs)
    count += 1
    bytes += frameBytes
  }

  /// Forgets what is too old.
  mutating func expire(nowUs: Int64) {
    remove { nowUs - $0.sentUs >= Self.clearUs }
  }

  /// Forgets the ACKs that something heard now proves to be read.
  mutating func heard(nowUs: Int64) {
    remove { $0.kind == .ack && nowUs - $0.sentUs >= Self.ackClearUs }
  }

  /// Forgets the frames of a kind whose answer came.
  mutating func answered(_ kind: Kind) {
    remove { $0.kind == kind }
  }

  /// Forgets everything.
  mutating func removeAll() {
    count = 0
    bytes = 0
  }

  private mutating func remove(where isCleared: (Entry) -> Bool) {
    var kept = 0
    for index in 0..<count {
      if isCleared(entries[index]) {
        bytes -= entries[index].bytes
      } else {
        entries[kept] = entries[index]
        kept += 1
      }
    }
    count = kept
  }
}
