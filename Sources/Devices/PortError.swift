/// Why a port could not be opened or went away, with what to do about it.
public struct PortError: Error, Hashable, Sendable {
  /// The reason, as a code that a user interface puts into words.
  public enum Cause: String, Hashable, Sendable, CaseIterable {
    /// This user may not open it: join `group`.
    case permissionDenied = "permission-denied"
    /// Another program has it for itself: stop the one of `holders`.
    case held
    /// There is no such node.
    case noSuchPort = "no-such-port"
    /// It was unplugged.
    case vanished
    /// It is not a serial line.
    case notATerminal = "not-a-terminal"
    /// This process may not open more files.
    case tooManyFiles = "too-many-files"
    /// Something else; `code` says what.
    case system
  }

  /// The reason.
  public var cause: Cause
  /// The node it is about.
  public var devnode: String
  /// The system's error number; 0 when the end of the line was all there was.
  public var code: Int32
  /// The group that may open the node, where the cause is a missing right; empty when unknown.
  public var group: String
  /// Who has the port open, where the cause is another program and it could be found out.
  public var holders: [PortHolder]

  /// Names a failure.
  public init(
    cause: Cause, devnode: String, code: Int32, group: String = "", holders: [PortHolder] = []
  ) {
    self.cause = cause
    self.devnode = devnode
    self.code = code
    self.group = group
    self.holders = holders
  }

  /// Whether trying again by itself makes sense: a probing service lets go after seconds, and
  /// a node may come a moment after its event.
  public var mayPass: Bool { cause == .held || cause == .noSuchPort }
}

/// A process that has a port open.
public struct PortHolder: Hashable, Sendable {
  /// Its process id.
  public let processId: Int32
  /// Its name; empty when it could not be read.
  public let name: String

  /// Names a process.
  public init(processId: Int32, name: String) {
    self.processId = processId
    self.name = name
  }
}
