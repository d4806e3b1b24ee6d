internal import Model
internal import Sync

/// Decides when a signal of a board is switched: the core, which has no clock (ADR 0025).
///
/// It knows what each output should be and what its board said last in the present session, and
/// asks for one command at a time to bring the two together. A command is never sent again: after
/// a new session, a refusal or a change of mind there is another one, for what should be then.
struct OutputDesk {
  /// How long a command that switches may wait for its board, in ms: nobody wants it later.
  static let lifeMs: UInt32 = 10_000
  /// The wait after a first refusal, in µs; it doubles.
  static let retryUs: Int64 = 5_000_000
  /// The longest wait after a refusal.
  static let retryUsMax: Int64 = 600_000_000
  /// How long a test sounds, in µs.
  static let testUs: Int64 = 2_000_000
  /// What begins the author of every command that is given here.
  static let author = "alarm:"

  /// What is to be done.
  enum Action: Hashable {
    /// A command is to be given; `.issued` or `.notIssued` follows.
    case set(AlarmOutput, isOn: Bool)
    /// One that waits is to be taken back, unless it is claimed.
    case withdraw(CommandId)
    /// A test has ended: with nil it sounds.
    case tested(AlarmOutput, reason: String?)
    /// A tick is wanted then.
    case wake(atUs: Int64)
  }

  /// How a command ended.
  enum Outcome: Hashable {
    /// The board did it.
    case done
    /// The board cannot have done it.
    case notDone(String)
    /// It may have.
    case failed(String)
    /// Nobody can say, so nothing is sent before the board has been heard again.
    case unknown
  }

  /// How it stands with one output.
  struct Line: Hashable {
    /// Whether an alarm wants it on.
    var isWanted = false
    /// Until when a test does, in µs of CLOCK_BOOTTIME.
    var testUntilUs: Int64?
    /// Whether a test waits for the board's word.
    var isTesting = false
    /// Whether its board can take commands.
    var isPresent = false
    /// What the board said that it is, in this session; nil when it has not.
    var level: Bool?
    /// Whether an earlier command may have left it on.
    var mayBeOn = false
    /// The command that is being written down or is under way.
    var underWay: UnderWay?
    /// Whether the end of the last command is not known, and the board not heard since.
    var isBarred = false
    /// Commands that did not succeed since one did.
    var failures = 0
    /// Why the last one did not; nil when it did.
    var reason: String?
    /// When the next one may be, in µs of CLOCK_BOOTTIME.
    var nextUs: Int64 = 0

    /// Whether nothing is left to do or to know.
    var isIdle: Bool {
      !isWanted && testUntilUs == nil && !isTesting && !mayBeOn && underWay == nil
    }
  }

  /// A command on its way.
  struct UnderWay: Hashable {
    /// Its id; nil while it is being written down.
    var id: CommandId?
    var isOn: Bool
    /// What `mayBeOn` was before it.
    var before: Bool
    /// Whether it was asked to be taken back.
    var isWithdrawn = false
  }

  private(set) var lines: [AlarmOutput: Line] = [:]
  /// What the recipients name: how that goes can be asked.
  private var named: Set<AlarmOutput> = []

  /// Takes over what earlier runs may have left on, from the commands that are on record, the
  /// newest first.
  mutating func restore(_ orders: [CommandOrder], owner: (DeviceIdentity) -> DeviceIdentity) {
    var judged: Set<AlarmOutput> = []
    for order in orders where order.issuer.hasPrefix(Self.author) {
      // What never reached a board says nothing of it.
      guard order.state != .refused, order.state != .cancelled else { continue }
      let output = AlarmOutput(device: owner(order.issued.identity), command: order.issued.name)
      guard judged.insert(output).inserted else { continue }
      let isOff = order.issued.arguments == [0] && order.state == .acked
      if !isOff { lines[output, default: Line()].mayBeOn = true }
    }
  }

  /// Takes what the recipients name, and what alarms want on now.
  mutating func take(
    named: Set<AlarmOutput>, wanted: Set<AlarmOutput>, isPresent: (AlarmOutput) -> Bool,
    nowUs: Int64
  ) -> [Action] {
    self.named = named
    for output in named.union(wanted) where lines[output] == nil {
      lines[output] = Line(isPresent: isPresent(output))
    }
    for output in lines.keys { lines[output]?.isWanted = wanted.contains(output) }
    return tick(nowUs: nowUs)
  }

  /// A board has a session: what it is told there is told anew, for nobody knows what it did since.
  mutating func attached(_ device: DeviceIdentity, nowUs: Int64) -> [Action] {
    change(device) {
      ($0.isPresent, $0.level, $0.isBarred) = (true, nil, false)
      ($0.failures, $0.nextUs, $0.reason) = (0, 0, nil)
    }
    return tick(nowUs: nowUs)
  }

  /// It has none any more.
  mutating func detached(_ device: DeviceIdentity, nowUs: Int64) -> [Action] {
    change(device) { ($0.isPresent, $0.level) = (false, nil) }
    return tick(nowUs: nowUs)
  }

  /// The board has spoken of a command whose end nobody knew.
  mutating func heard(_ device: DeviceIdentity, nowUs: Int64) -> [Action] {
    change(device) { $0.isBarred = false }
    return tick(nowUs: nowUs)
  }

  /// The command that was asked for is on disk.
  mutating func issued(_ output: AlarmOutput, _ id: CommandId, nowUs: Int64) -> [Action] {
    lines[output]?.underWay?.id = id
    return tick(nowUs: nowUs)
  }

  /// It could not be given.
  mutating func notIssued(_ output: AlarmOutput, _ reason: String, nowUs: Int64) -> [Action] {
    end(output, .notDone(reason), nowUs) + tick(nowUs: nowUs)
  }

  /// The command of an output has ended; of others nothing is taken.
  mutating func ended(_ id: CommandId, _ outcome: Outcome, nowUs: Int64) -> [Action] {
    guard let output = lines.first(where: { $0.value.underWay?.id == id })?.key else { return [] }
    return end(output, outcome, nowUs) + tick(nowUs: nowUs)
  }

  /// Switches an output on for a while, and says by `.tested` what the board said to that.
  mutating func test(_ output: AlarmOutput, nowUs: Int64) -> [Action] {
    var line = lines[output] ?? Line()
    guard line.isPresent else { return [.tested(output, reason: "absent")] }
    // One that sounds is known to work; switching it off would hide an alarm.
    guard line.level != true else { return [.tested(output, reason: nil)] }
    line.isTesting = true
    line.testUntilUs = nowUs + Int64(Self.lifeMs) * 2_000
    // A person waits: nothing that failed before holds this one up.
    (line.isBarred, line.nextUs) = (false, 0)
    lines[output] = line
    return tick(nowUs: nowUs)
  }

  /// Time went by, or something changed: what is to be done is.
  mutating func tick(nowUs: Int64) -> [Action] {
    var actions: [Action] = []
    var nextUs: Int64?
    for output in lines.keys.sorted() {
      guard var line = lines[output] else { continue }
      if let untilUs = line.testUntilUs {
        if untilUs <= nowUs {
          line.testUntilUs = nil
        } else {
          nextUs = min(nextUs ?? untilUs, untilUs)
        }
      }
      actions += settle(output, &line, nowUs: nowUs)
      let waits = line.isPresent && !line.isBarred && line.underWay == nil
      if waits, line.nextUs > nowUs { nextUs = min(nextUs ?? line.nextUs, line.nextUs) }
      lines[output] = line.isIdle && !named.contains(output) ? nil : line
    }
    if let nextUs { actions.append(.wake(atUs: nextUs)) }
    return actions
  }

  // MARK: One output

  private func settle(
    _ output: AlarmOutput, _ line: inout Line, nowUs: Int64
  ) -> [Action] {
    let isOn = line.isWanted || line.testUntilUs != nil
    if let underWay = line.underWay {
      // One that is not wanted any more is taken back while it still waits.
      guard underWay.isOn != isOn || !line.isPresent, !underWay.isWithdrawn, let id = underWay.id
      else { return [] }
      line.underWay?.isWithdrawn = true
      return [.withdraw(id)]
    }
    guard line.isPresent, !line.isBarred, line.nextUs <= nowUs, line.level != isOn else {
      return []
    }
    // What nobody here switched on is the board's own affair, and that of people.
    guard isOn || line.mayBeOn else { return [] }
    line.underWay = UnderWay(id: nil, isOn: isOn, before: line.mayBeOn)
    if isOn { line.mayBeOn = true }
    return [.set(output, isOn: isOn)]
  }

  private mutating func end(
    _ output: AlarmOutput, _ outcome: Outcome, _ nowUs: Int64
  ) -> [Action] {
    guard var line = lines[output], let underWay = line.underWay else { return [] }
    line.underWay = nil
    var reason: String?
    switch outcome {
    case .done:
      if line.isPresent { line.level = underWay.isOn }
      line.mayBeOn = underWay.isOn
      (line.failures, line.nextUs, line.reason) = (0, 0, nil)
    case .notDone(let words):
      line.mayBeOn = underWay.before
      reason = words
    case .failed(let words):
      line.level = nil
      reason = words
    case .unknown:
      (line.level, line.isBarred) = (nil, true)
      reason = "unknown"
    }
    // What was taken back is no failure, and what follows it does not wait.
    if let reason, !underWay.isWithdrawn {
      line.failures += 1
      line.reason = reason
      line.nextUs =
        nowUs + min(Self.retryUsMax, Self.retryUs << Int64(min(line.failures - 1, 7)))
    }
    guard line.isTesting, underWay.isOn else {
      lines[output] = line
      return []
    }
    line.isTesting = false
    line.testUntilUs = reason == nil ? nowUs + Self.testUs : nil
    lines[output] = line
    return [.tested(output, reason: reason)]
  }

  private mutating func change(_ device: DeviceIdentity, _ body: (inout Line) -> Void) {
    for output in lines.keys where output.device == device {
      if var line = lines[output] {
        body(&line)
        lines[output] = line
      }
    }
  }
}
