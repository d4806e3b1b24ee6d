/// Who is at the other end of a connection.
public enum Peer: Hashable, Sendable {
  /// A process of this machine, over the unix socket, as the kernel knows it (SO_PEERCRED at
  /// connect time: it cannot be forged, but the process may have gone since).
  case local(processId: Int32, userId: UInt32, groupId: UInt32)

  /// A numeric internet address, without the port.
  case network(address: String)

  /// Nothing is known: a request made in a test, or a socket of another family.
  case unknown
}
