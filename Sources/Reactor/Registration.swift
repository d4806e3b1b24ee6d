/// A descriptor watched by the loop: its handler is called each turn it is ready.
///
/// Made with `raw` it does not own the descriptor: cancel, or let go of, the registration first,
/// then close. Made with `owning` it closes the descriptor itself, in that order. Letting go
/// cancels. The handler is held until then: capture its owner weakly.
@Loop public final class Registration {
  /// The number of the descriptor.
  public nonisolated let raw: Int32
  private let token: Poller.Token
  private var owned: Descriptor?

  /// Watches a descriptor; one registration for each number.
  ///
  /// Throws `EPERM` for what cannot be waited on (a regular file), `EEXIST` for a number already
  /// watched, `EMFILE` beyond `Limits.registrationsMax`.
  public init(
    raw: Int32, interest: Interest, handler: @escaping @Loop (Readiness) -> Void
  ) throws(Errno) {
    self.raw = raw
    token = try EventLoop.shared.poller.add(raw, interest, handler)
  }

  /// Watches a descriptor and owns it: it is closed by `cancel`, and at once when this throws.
  public init(
    owning descriptor: consuming Descriptor, interest: Interest,
    handler: @escaping @Loop (Readiness) -> Void
  ) throws(Errno) {
    raw = descriptor.raw
    token = try EventLoop.shared.poller.add(descriptor.raw, interest, handler)
    owned = consume descriptor
  }

  /// Changes what is waited for; with nothing asked the handler is not called at all, not even for
  /// a hang-up. Without effect after `cancel`.
  public func update(_ interest: Interest) {
    EventLoop.shared.poller.update(token, interest)
  }

  /// Ends the watching, and closes an owned descriptor: the handler is not called again, not even
  /// for an event already in hand.
  public func cancel() {
    EventLoop.shared.poller.remove(token)
    owned = nil
  }

  /// Whether the descriptor is still watched by this registration.
  public var isActive: Bool { EventLoop.shared.poller.isLive(token) }

  isolated deinit {
    EventLoop.shared.poller.remove(token)
  }
}
