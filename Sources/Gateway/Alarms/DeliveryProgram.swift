internal import Reactor
internal import Web

/// What the executable does when it is started to tell one thing to somebody: the daemon's child.
///
/// Resolving names, TLS and libcurl may stand still for long, and take memory: the loop has no part
/// in it. What is to be told, and any password, come through standard input.
public enum DeliveryProgram {
  /// The argument that asks for it: for the daemon, and in no help.
  public static let word = "deliver"
  /// The longest outcome, in bytes.
  static let answerBytesMax = 1_024

  /// Tells one `Letter` and returns the exit code.
  public static func main() -> Int32 {
    Signals.ignorePipe()
    do {
      try System.endWithParent()
      let bytes = try System.readInput(bytesMax: Limits.childInputBytesMax)
      let letter = try JSON.decode(Letter.self, from: bytes)
      try System.writeOutput(try JSON.encode(letter.tell()))
      return 0
    } catch {
      return 1
    }
  }
}
