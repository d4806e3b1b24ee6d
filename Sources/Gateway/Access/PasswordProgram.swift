internal import Reactor
internal import Sync

/// What the executable does when it is started to hash one password: the daemon's child.
///
/// The password comes through standard input, never as an argument or in the environment, where
/// others on the machine can read.
public enum PasswordProgram {
  /// The argument that asks for it: for the daemon, and in no help.
  public static let word = "hash-password"

  /// Does one `PasswordWork` and returns the exit code.
  public static func main() -> Int32 {
    Signals.ignorePipe()
    do throws(Errno) {
      try System.endWithParent()
      let bytes = try System.readInput(bytesMax: PasswordWork.bytesMax)
      guard let work = PasswordWork(decoding: bytes) else { return 2 }
      PasswordHash.prepare()
      try System.writeOutput(work.perform())
      return 0
    } catch {
      return 1
    }
  }
}
