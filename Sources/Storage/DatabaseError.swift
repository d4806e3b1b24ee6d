/// Why the database could not do what was asked, and what a person can do about it.
public struct DatabaseError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of trouble.
  public enum Kind: Hashable, Sendable {
    /// No space on the disk, or over a quota.
    case full
    /// The disk does not do what it is told.
    case inputOutput
    /// The file or its folder may not be written.
    case readOnly
    /// The file is not a database, or parts of it are destroyed.
    case damaged
    /// A database, but not one of Bivouac's.
    case notOurs
    /// A later version of Bivouac has changed the layout.
    case newer(found: Int, known: Int)
    /// Another daemon works with this state folder.
    case locked(processId: Int32?)
    /// Another program holds a lock on the file at this moment.
    case busy
    /// The database belongs to a node with another key.
    case otherNode
    /// The key file cannot be used.
    case key
    /// The file or its folder cannot be opened.
    case cannotOpen
    /// The store was closed.
    case closed
    /// What was asked for was called off.
    case cancelled
    /// Anything else: a mistake of ours.
    case other
  }

  /// The kind of trouble.
  public let kind: Kind
  /// SQLite's extended result code; 0 when SQLite did not say it.
  public let code: Int32
  /// The file or folder that this is about.
  public let path: String
  /// What SQLite or the kernel said, in English.
  public let message: String

  /// Describes a trouble.
  public init(_ kind: Kind, code: Int32 = 0, path: String = "", message: String = "") {
    self.kind = kind
    self.code = code
    self.path = path
    self.message = message
  }

  /// Whether the same may succeed later without anyone's doing: recording is tried again.
  public var isTransient: Bool {
    switch kind {
    case .full, .inputOutput, .readOnly, .cannotOpen, .busy: return true
    case .damaged, .notOurs, .newer, .locked, .otherNode, .key, .closed, .cancelled,
      .other:
      return false
    }
  }

  /// What is wrong, in one English sentence.
  public var cause: String {
    switch kind {
    case .full: return "there is no space left for \(path)"
    case .inputOutput: return "the disk failed to read or write \(path)"
    case .readOnly: return "\(path) may not be written"
    case .damaged: return "\(path) is not a database, or is damaged"
    case .notOurs: return "\(path) is a database of another program"
    case .newer(let found, let known):
      return "\(path) has layout \(found), and this version knows layouts up to \(known)"
    case .locked(let processId):
      let who = processId.map { "process \($0)" } ?? "another process"
      return "\(who) already works with \(path)"
    case .busy: return "another program holds a lock on \(path)"
    case .otherNode: return "\(path) belongs to a node with another key"
    case .key: return "the node's key \(path) cannot be used"
    case .cannotOpen: return "\(path) cannot be opened"
    case .closed: return "the database is closed"
    case .cancelled: return "what was asked of the database was called off"
    case .other: return "the database refused a request"
    }
  }

  /// What to do about it, in one English sentence.
  public var remedy: String {
    switch kind {
    case .full: return "free some space; recording goes on by itself"
    case .inputOutput: return "look at the kernel log (dmesg), and save a copy of the state folder"
    case .readOnly: return "give the daemon's user the right to write it, or remount the disk"
    case .damaged:
      return "move it aside to begin anew, and save what can be saved with: sqlite3 FILE .recover"
    case .notOurs: return "choose another state folder"
    case .newer: return "install the newer version of Bivouac again"
    case .locked: return "stop the other daemon, or choose another state folder"
    case .busy: return "close the program that has it open; recording goes on by itself"
    case .otherNode: return "put the node.key that belongs to the database back beside it"
    case .key: return "put the right node.key back; it holds 32 bytes and belongs to one node"
    case .cannotOpen: return "look whether the folder exists and may be read and written"
    case .closed, .cancelled, .other: return "report this with the log"
    }
  }

  /// Cause, what was said, and remedy.
  public var description: String {
    message.isEmpty ? "\(cause): \(remedy)" : "\(cause) (\(message)): \(remedy)"
  }
}
