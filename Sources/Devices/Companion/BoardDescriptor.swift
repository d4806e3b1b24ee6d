public import Model

/// What a board says of itself, read from its descriptor (PROTOCOL.md section 3).
public struct BoardDescriptor: Sendable, Equatable {
  /// One command that it takes.
  public struct Command: Sendable, Equatable {
    /// One argument.
    public struct Argument: Sendable, Equatable {
      /// Whether it is text; otherwise an integer.
      public var isText: Bool
      /// The decimal exponent of an integer.
      public var exponent: Int8
      /// Its name.
      public var name: String
      /// What is possible: mantissas, or lengths of text in bytes.
      public var range: ClosedRange<Int64>?
    }

    /// Its name.
    public var name: String
    /// Its number on the wire.
    public var op: UInt8
    /// Its arguments, in order.
    public var arguments: [Argument]
    /// Whether its effect may be held for a time only.
    public var takesLease: Bool
    /// Whether the board says that it does nothing but light or sound.
    public var isSignal = false

    /// Whether an alarm may switch it: one the board calls a signal, with one integer that is 0 or
    /// 1 and nothing else. What moves, heats or opens is none, and of what says nothing of itself
    /// nothing is known.
    public var takesAlarms: Bool {
      guard isSignal, arguments.count == 1, let argument = arguments.first else { return false }
      return !argument.isText && argument.exponent == 0 && argument.range == 0...1
    }
  }

  /// The model; empty when it is not stated.
  public var model = ""
  /// The firmware's version; empty when it is not stated.
  public var firmware = ""
  /// The channels; a sample names one by its place here.
  public var channels: [Channel] = []
  /// The commands.
  public var commands: [Command] = []

  /// Describes nothing; channels then have the names `ch0`, `ch1`, ...
  public init() {}

  /// What a channel that was never described is called: its samples are kept all the same.
  public static func undescribed(_ index: Int) -> Channel { Channel(key: "ch\(index)") }
}
