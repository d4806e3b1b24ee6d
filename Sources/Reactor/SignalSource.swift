internal import CLinux
internal import Glibc

/// Signals as events of the loop, by signalfd.
///
/// `Signals.blockBeforeThreads` must have come first: a signal that some thread does not block is
/// handed to that thread. Letting go ends the watching; the signals stay blocked.
@Loop public final class SignalSource {
  private let descriptor: Descriptor
  private var registration: Registration?
  private let handler: @Loop (Int32) -> Void

  /// Calls the handler with the number of each of these signals that comes; several of one number
  /// that come together are one.
  public init(_ signals: [Int32], handler: @escaping @Loop (Int32) -> Void) throws(Errno) {
    Signals.block(signals)
    var set = Signals.set(of: signals)
    let flags = Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK)
    descriptor = Descriptor(adopting: try System.check { unsafe signalfd(-1, &set, flags) })
    self.handler = handler
    registration = try Registration(raw: descriptor.raw, interest: .read) { [weak self] _ in
      self?.receive()
    }
  }

  /// Ends the watching.
  public func cancel() {
    registration?.cancel()
    registration = nil
  }

  /// Takes at most one batch of each signal there is; what is left comes in the next turn.
  private func receive() {
    let size = MemoryLayout<signalfd_siginfo>.size
    var bytes = [UInt8](repeating: 0, count: size * Limits.signalsPerTurnMax)
    let transfer: Transfer
    do {
      transfer = try System.read(descriptor.raw, into: &bytes)
    } catch {
      preconditionFailure("a signalfd cannot be read: \(error)")
    }
    guard case .count(let count) = transfer else { return }
    for start in stride(from: 0, to: count - count % size, by: size) {
      let number = unsafe bytes.withUnsafeBytes { buffer in
        unsafe buffer.loadUnaligned(fromByteOffset: start, as: UInt32.self)
      }
      if registration == nil { return }
      handler(Int32(number))
    }
  }

  isolated deinit {
    // Before the descriptor goes, and its number with it.
    registration?.cancel()
  }
}
