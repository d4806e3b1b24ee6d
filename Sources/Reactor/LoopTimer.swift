/// A timer on the loop, once or again and again by re-arming; on the boot clock, so time asleep
/// counts and the wall clock does not matter.
///
/// Letting go cancels. The handler is held until then: capture its owner weakly.
@Loop public final class LoopTimer {
  private let slot: Int

  /// A timer that is not yet armed.
  public init(_ handler: @escaping @Loop () -> Void) {
    slot = EventLoop.shared.timers.add(handler)
  }

  /// Arms it for a time of `Clock.bootUs`, in place of the time it was armed for; a time that has
  /// passed means the next turn.
  public func arm(atUs: Int64) {
    EventLoop.shared.timers.arm(slot, atUs: atUs)
  }

  /// Arms it for so many microseconds from now, in place of the time it was armed for.
  public func arm(afterUs: Int64) {
    let (deadlineUs, isOver) = Clock.bootUs().addingReportingOverflow(afterUs)
    arm(atUs: isOver ? .max : deadlineUs)
  }

  /// Disarms it: the handler is not called, even when its time came in this very turn.
  public func cancel() {
    EventLoop.shared.timers.cancel(slot)
  }

  /// Whether it is armed; false while its own handler runs, unless that re-armed it.
  public var isArmed: Bool { EventLoop.shared.timers.isArmed(slot) }

  isolated deinit {
    EventLoop.shared.timers.remove(slot)
  }
}
