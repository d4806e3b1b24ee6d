public import Model

/// The name of a question: the same for the same doubt, today and after a restart.
public struct QuestionId: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// `q-` and sixteen hexadecimal digits.
  public let text: String

  /// Takes the text as it is; one that names no question is found out by the registry.
  public init(text: String) { self.text = text }

  /// The text.
  public var description: String { text }

  /// By text.
  public static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// Something that only a person can decide; until then readings go to a provisional identity.
public struct Question: Hashable, Sendable {
  /// What is asked.
  public enum Subject: Hashable, Sendable {
    /// A port says nothing: what is behind it?
    case whatIsThis
    /// Two devices carry this identity: is the newcomer that one, or another?
    case sameIdentityTwice(DeviceIdentity)
    /// The serial number is one that many share: a new device, or one known already?
    case sharedSerial
    /// A device like this one was in another socket: has it moved?
    case moved(from: DeviceIdentity)
    /// A device speaks otherwise than it did: is it still the same?
    case changedBehaviour(of: DeviceIdentity, was: String, now: String)
    /// A board without a memory, or with a new one, looks like this one: is it?
    case newMemory(of: DeviceIdentity, now: DeviceIdentity)
  }

  /// Its name.
  public let id: QuestionId
  /// What is asked.
  public let subject: Subject
  /// The live port it is about.
  public let syspath: String
  /// What that port is, in words that last: the USB candidate, or the syspath.
  public let port: String
  /// Where the readings of that port go meanwhile; nil while nothing is recorded.
  public let meanwhile: DeviceIdentity?

  init(
    subject: Subject, syspath: String, port: String, meanwhile: DeviceIdentity?
  ) {
    self.subject = subject
    self.syspath = syspath
    self.port = port
    self.meanwhile = meanwhile
    // Only what lasts goes in: no random identity, no tty number.
    let words: [String]
    switch subject {
    case .whatIsThis: words = ["what"]
    case .sameIdentityTwice(let identity): words = ["twice", identity.text]
    case .sharedSerial: words = ["shared"]
    case .moved(let from): words = ["moved", from.text]
    case .changedBehaviour(let identity, _, let now): words = ["changed", identity.text, now]
    case .newMemory(let old, _): words = ["memory", old.text]
    }
    let sum = Fnv.sum64((words + [port]).joined(separator: "\u{0}").utf8)
    id = QuestionId(text: "q-" + Fnv.hex(sum))
  }
}

/// What a person answers.
public enum Answer: Hashable, Sendable {
  /// It is this known device.
  case same(as: DeviceIdentity)
  /// It is another device than the ones known.
  case another
  /// It is of this kind.
  case kind(DeviceKind)
}
