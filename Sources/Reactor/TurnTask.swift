/// Work that is put off to the end of the turn's events, one kind after the other.
///
/// When many lines have something at once, all are read, then all is decoded, then all is stored:
/// the code and the data of one kind of work stay in the processor's caches, which is worth about a
/// quarter of the time of frames with one reading (measured with 32 boards, `make bench`).
@Loop public final class TurnTask {
  /// The kinds, in the order they are done.
  public enum Stage: Int, Sendable, CaseIterable {
    /// Making sense of bytes that were read.
    case decode = 0
    /// Acting on what they say.
    case act = 1
  }

  private let stage: Stage
  private let work: @Loop () -> Void
  private var isAsked = false

  /// Work that is not yet asked for. It is held as long as this is: capture its owner weakly.
  public init(_ stage: Stage, _ work: @escaping @Loop () -> Void) {
    self.stage = stage
    self.work = work
  }

  /// Asks for the work to be done once in this turn, or in the next when its stage is over.
  public func ask() {
    guard !isAsked else { return }
    isAsked = true
    EventLoop.shared.tasks.add(self, stage)
  }

  fileprivate func run() {
    isAsked = false
    work()
  }
}

/// What is put off in this turn.
struct TurnTasks {
  private var asked = [[TurnTask]](repeating: [], count: TurnTask.Stage.allCases.count)

  mutating func add(_ task: TurnTask, _ stage: TurnTask.Stage) {
    asked[stage.rawValue].append(task)
  }

  var isEmpty: Bool { asked.allSatisfy(\.isEmpty) }

  /// Takes what is asked of a stage, to be run: what that asks of the same stage is not among it.
  mutating func take(_ stage: TurnTask.Stage) -> [TurnTask] {
    defer { asked[stage.rawValue] = [] }
    return asked[stage.rawValue]
  }

  /// Runs what was taken.
  @Loop static func run(_ tasks: [TurnTask]) {
    for task in tasks { task.run() }
  }
}
