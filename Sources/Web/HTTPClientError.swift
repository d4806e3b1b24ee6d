/// Why a request got no answer.
public enum HTTPClientError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no socket at the path: the daemon is not running, or listens elsewhere.
  case noSocket(path: String)
  /// Nobody listens at the address.
  case refused(address: String)
  /// The socket may not be used by this user.
  case notPermitted(path: String)
  /// No answer came in time.
  case timedOut(address: String)
  /// The connection ended before the answer did.
  case connectionLost(address: String)
  /// The server has another key than the one it is pinned to.
  case wrongPin(address: String)
  /// No authority that counts has signed the server's certificate for that name and this day.
  case untrusted(address: String)
  /// No TLS came about: most likely the server speaks plain HTTP.
  case noTls(address: String)
  /// The answer was longer than the request allows.
  case bodyTooLarge(bytesMax: Int)
  /// The server did not change protocols, and why as far as it said.
  case upgradeRefused(status: Int, problem: Problem?)
  /// The task that asked was cancelled.
  case cancelled
  /// Anything else, in libcurl's or the kernel's words.
  case failed(reason: String)

  /// Whether nothing answers at all: the daemon is not there.
  public var isNoDaemon: Bool {
    switch self {
    case .noSocket, .refused: true
    default: false
    }
  }

  /// What happened, in English.
  public var description: String {
    switch self {
    case .noSocket(let path): "there is no socket at \(path)"
    case .refused(let address): "nobody answers on \(address)"
    case .notPermitted(let path): "you may not use \(path)"
    case .timedOut(let address): "\(address) did not answer in time"
    case .connectionLost(let address): "\(address) closed the connection before it had answered"
    case .wrongPin(let address): "\(address) shows another key than the pinned one"
    case .untrusted(let address): "no authority vouches for the certificate of \(address)"
    case .noTls(let address): "\(address) does not speak TLS"
    case .bodyTooLarge(let bytesMax): "the answer is longer than \(bytesMax) bytes"
    case .upgradeRefused(let status, let problem):
      "the protocol was refused: \(problem?.detail ?? "status \(status)")"
    case .cancelled: "cancelled"
    case .failed(let reason): reason
    }
  }
}
