public import Reactor

/// A socket that connections come in on; closed, and its file removed, when it goes out of scope.
public struct Listener: ~Copyable, Sendable {
  let socket: Descriptor
  private let path: String?
  /// The address, with the port that the kernel chose where it could; nil for other sockets.
  public let tcp: LoopbackAddress?

  /// Takes a socket that already listens, as systemd hands it over; its file is left alone.
  public init(adopting socket: consuming Descriptor) {
    self.socket = socket
    path = nil
    tcp = nil
  }

  /// Listens on a unix socket; a socket file that nobody answers on is replaced.
  ///
  /// The file has its mode before anybody can connect.
  public init(unix path: String, mode: UInt32 = 0o660) throws(ListenFailure) {
    do {
      socket = try System.listenUnix(path, mode: mode)
    } catch {
      throw ListenFailure(path: path, errno: error)
    }
    self.path = path
    tcp = nil
  }

  /// Listens on an address of this machine that only this machine reaches.
  public init(tcp address: LoopbackAddress) throws(Errno) {
    let socket = try System.listenInternet(
      address.host, port: address.port, backlog: WebLimits.listenBacklog)
    let port = try System.localPort(of: socket.raw)
    self.socket = socket
    path = nil
    tcp = LoopbackAddress(host: address.host, port: port)
  }

  /// Listens on an address that other machines may reach; `bound` becomes the address with the
  /// port that the kernel chose where it could.
  public init(
    internet address: InternetAddress, bound: inout InternetAddress
  ) throws(Errno) {
    let socket = try System.listenInternet(
      address.host, port: address.port, backlog: WebLimits.listenBacklog)
    bound = InternetAddress(host: address.host, port: try System.localPort(of: socket.raw))
    self.socket = socket
    path = nil
    tcp = nil
  }

  deinit {
    guard let path else { return }
    do {
      try System.removeFile(path)
    } catch {
      // Someone else removed it, or took the folder away: nothing is left to tidy.
    }
  }
}

/// Why a socket cannot be listened on, with what to do about it.
public struct ListenFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The path of the socket.
  public let path: String
  /// What the kernel said.
  public let errno: Errno

  /// Whether another process answers on the socket: most likely this daemon, already running.
  public var isInUse: Bool { errno.name == "EADDRINUSE" }

  /// What happened.
  public var description: String {
    switch errno.name {
    case "EADDRINUSE": "another process answers on \(path), or the file there is not a socket"
    case "ENOENT": "the folder \(System.parent(of: path)) does not exist"
    case "ENAMETOOLONG", "EINVAL": "the path of a socket has at most 107 bytes: \(path)"
    default: "cannot listen on \(path): \(errno)"
    }
  }

  /// What to do next.
  public var remedy: String {
    switch errno.name {
    case "EADDRINUSE": "stop the other daemon, or configure another socket path"
    case "ENOENT": "create the folder, or configure another socket path"
    case "EACCES", "EPERM": "run as a user who may write there, or configure another socket path"
    default: "configure another socket path"
    }
  }
}
