/// What a device turned out to be, or was said to be. Raw values are stored: never rename.
public enum DeviceKind: String, Hashable, Sendable, CaseIterable {
  /// Not known yet.
  case unknown
  /// Carries the companion firmware.
  case companion
  /// Says lines of text.
  case text
  /// Is a 3D printer.
  case printer
  /// A person said to leave it alone: it is never opened.
  case ignored

  /// Whether a port found at start is opened for a remembered device of this kind, unless the
  /// device has a policy of its own. Opening pulls DTR, which may reset what is behind: only a
  /// board made to be opened is.
  public var opensAtStart: Bool { self == .companion }
}
