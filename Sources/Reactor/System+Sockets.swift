internal import CLinux
internal import Glibc

/// Unix stream sockets, and descriptors passed over them.
extension System {
  /// Who is at the other end of a unix socket, when it connected.
  public struct Peer: Hashable, Sendable {
    /// The process.
    public let processId: Int32
    /// Its user.
    public let userId: UInt32
    /// Its group.
    public let groupId: UInt32
  }

  /// Listens on a path; non-blocking. The socket file has the mode given from its first moment.
  ///
  /// A socket file that nobody answers on is replaced; one somebody answers on is `EADDRINUSE`.
  public static func listenUnix(_ path: String, mode: UInt32 = 0o660) throws(Errno) -> Descriptor {
    try removeDeadSocket(path)
    let listener = Descriptor(adopting: try check { clinux_unix_socket() })
    // On Linux the mode of the socket itself, less the umask, becomes the file's.
    _ = try check { fchmod(listener.raw, mode) }
    _ = try check { unsafe clinux_unix_bind(listener.raw, path) }
    try setMode(path, mode)
    _ = try check { listen(listener.raw, Limits.unixBacklog) }
    return listener
  }

  /// Listens on a numeric internet address; non-blocking. Port 0 lets the kernel choose.
  public static func listenInternet(
    _ host: String, port: UInt16, backlog: Int32
  ) throws(Errno) -> Descriptor {
    Descriptor(
      adopting: try check { unsafe clinux_listen_internet(host, port, backlog) })
  }

  /// The port that an internet socket is bound to.
  public static func localPort(of socket: Int32) throws(Errno) -> UInt16 {
    UInt16(truncatingIfNeeded: try check { clinux_local_port(socket) })
  }

  private static func removeDeadSocket(_ path: String) throws(Errno) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
    do {
      try connectUnix(path).close()
    } catch {
      guard error == .connectionRefused else { throw error }
      return try removeFile(path)
    }
    throw Errno(code: EADDRINUSE)
  }

  /// Connects to a path; the connection is non-blocking.
  public static func connectUnix(_ path: String) throws(Errno) -> Descriptor {
    let socket = Descriptor(adopting: try check { clinux_unix_socket() })
    _ = try check { unsafe clinux_unix_connect(socket.raw, path) }
    return socket
  }

  /// Accepts one waiting connection, non-blocking and close-on-exec; nil when none waits.
  public static func accept(_ listener: Int32) throws(Errno) -> Descriptor? {
    while true {
      do {
        guard let raw = try call({ clinux_accept(listener) }) else { return nil }
        return Descriptor(adopting: raw)
      } catch {
        // One that gave up while it waited is no reason not to take the next.
        if error.code != ECONNABORTED { throw error }
      }
    }
  }

  /// Who connected a unix socket.
  public static func peer(of socket: Int32) throws(Errno) -> Peer {
    var process: Int32 = 0
    var user: UInt32 = 0
    var group: UInt32 = 0
    _ = try check { unsafe clinux_unix_peer(socket, &process, &user, &group) }
    return Peer(processId: process, userId: user, groupId: group)
  }

  /// Sends bytes (at least one) with descriptors, which stay the sender's; at most
  /// `Limits.descriptorsPassedMax`. They travel with the first byte.
  public static func send(
    _ socket: Int32, _ bytes: [UInt8], descriptors: [Int32]
  ) throws(Errno) -> Transfer {
    precondition(!bytes.isEmpty, "descriptors travel with bytes")
    guard descriptors.count <= Limits.descriptorsPassedMax else { throw .invalid }
    let size = bytes.count
    return transfer(
      try call {
        unsafe clinux_send_rights(socket, bytes, size, descriptors, descriptors.count)
      })
  }

  /// Receives bytes, at most so many, with the descriptors that travel with them; nil when nothing
  /// is there. No bytes mean the end. Descriptors for which there was no room are closed.
  public static func receive(
    _ socket: Int32, bytesMax: Int, descriptorsMax: Int = Limits.descriptorsPassedMax
  ) throws(Errno) -> Message? {
    var bytes = [UInt8](repeating: 0, count: bytesMax)
    var raws = [Int32](repeating: -1, count: Int(CLINUX_RIGHTS_MAX))
    var count = min(descriptorsMax, Limits.descriptorsPassedMax)
    var truncated: Int32 = 0
    let got = try call {
      count = min(descriptorsMax, Limits.descriptorsPassedMax)
      return unsafe clinux_receive_rights(socket, &bytes, bytesMax, &raws, &count, &truncated)
    }
    guard let got else { return nil }
    return Message(
      bytes: Array(bytes[0..<got]), descriptors: DescriptorBag(adopting: Array(raws[0..<count])),
      isTruncated: truncated != 0)
  }
}

/// Bytes received together with descriptors.
public struct Message: ~Copyable, Sendable {
  /// The bytes; none at the end of the connection.
  public let bytes: [UInt8]
  /// The descriptors, owned; close-on-exec.
  public var descriptors: DescriptorBag
  /// Whether the sender passed more descriptors than there was room for.
  public let isTruncated: Bool
}
