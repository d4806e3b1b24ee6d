internal import CLinux
internal import Glibc

/// The loop's timers over one timerfd on `CLOCK_BOOTTIME`, set only before the loop waits and only
/// when the earliest deadline has changed.
@Loop final class TimerQueue {
  private struct Slot {
    var handler: (@Loop () -> Void)?
    /// The arming that may fire; 0 when none: a handler may cancel or re-arm a timer that is due in
    /// the same turn.
    var arming: UInt64 = 0
  }

  private nonisolated let kernelTimer: Descriptor
  /// The deadline the kernel's timer is set to, nil when it is not set.
  private var kernelDeadlineUs: Int64?
  private var heap = TimerHeap()
  private var slots: [Slot] = []
  private var free: [Int] = []
  private var due: [TimerHeap.Entry] = []
  var fired: UInt64 = 0

  nonisolated init(epoll: Int32) throws(Errno) {
    let flags = Int32(TFD_CLOEXEC | TFD_NONBLOCK)
    kernelTimer = Descriptor(
      adopting: try System.check { timerfd_create(__clockid_t(CLOCK_BOOTTIME), flags) })
    try Poller.addSilent(kernelTimer.raw, data: Poller.timerData, to: epoll)
  }

  func add(_ handler: @escaping @Loop () -> Void) -> Int {
    if let slot = free.popLast() {
      slots[slot] = Slot(handler: handler)
      return slot
    }
    precondition(slots.count < Limits.timersMax, "more than \(Limits.timersMax) timers")
    slots.append(Slot(handler: handler))
    return slots.count - 1
  }

  func remove(_ slot: Int) {
    cancel(slot)
    slots[slot].handler = nil
    free.append(slot)
  }

  func arm(_ slot: Int, atUs deadlineUs: Int64) {
    slots[slot].arming = heap.arm(slot, deadlineUs: deadlineUs)
  }

  func cancel(_ slot: Int) {
    heap.cancel(slot)
    slots[slot].arming = 0
  }

  func isArmed(_ slot: Int) -> Bool { slots[slot].arming != 0 }

  /// Whether a timer need not be waited for.
  var hasDue: Bool {
    guard let first = heap.first else { return false }
    return first.deadlineUs <= Clock.bootUs()
  }

  /// Sets the kernel's timer to the earliest deadline, or off when there is none.
  func prepareWait() {
    let deadlineUs = heap.first?.deadlineUs
    if deadlineUs == kernelDeadlineUs { return }
    var setting = itimerspec()
    if let deadlineUs {
      // A deadline of 0 or before would mean "off".
      let boundedUs = max(1, deadlineUs)
      setting.it_value.tv_sec = Int(boundedUs / 1_000_000)
      setting.it_value.tv_nsec = Int(boundedUs % 1_000_000) * 1_000
    }
    let code = unsafe timerfd_settime(
      kernelTimer.raw, Int32(TFD_TIMER_ABSTIME), &setting, nil)
    precondition(code == 0, "timerfd_settime: \(Errno(code: errno))")
    kernelDeadlineUs = deadlineUs
  }

  /// Fires what is due at a time, earliest first. A timer armed by a handler waits for the next
  /// turn, even when it is due at once.
  func fireDue(nowUs: Int64) {
    guard let first = heap.first, first.deadlineUs <= nowUs else { return }
    while due.count < Limits.timersPerTurnMax, let entry = heap.popDue(nowUs: nowUs) {
      due.append(entry)
    }
    for entry in due where slots[entry.timer].arming == entry.arming {
      slots[entry.timer].arming = 0
      fired += 1
      slots[entry.timer].handler?()
    }
    due.removeAll(keepingCapacity: true)
  }
}
