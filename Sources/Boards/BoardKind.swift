/// Which board a program plays.
public enum BoardKind: String, Sendable, CaseIterable {
  /// An ESP32 on a breadboard: one value a second, a light, a display.
  case esp32
  /// An Otomate with companion firmware: 27 channels a second, roll-up sides, relays.
  case otomateCompanion = "otomate-companion"
}

/// What a played board tells whoever started it.
public enum BoardEvent: Equatable, Sendable {
  /// A host has accepted its session, or none is there any more.
  case attached(Bool)
  /// The host gave it an id.
  case provisioned(UInt64)
  /// It carried out, or began, an operation of its descriptor.
  case command(name: String, argument: String)
  /// The lease of an operation lapsed.
  case leaseLapsed(name: String)
  /// It was told to enter its boot loader; a played board resets instead.
  case resetToBoot
}
