/// What the daemon's HTTP servers hold.
public struct HttpView: Codable, Sendable, Equatable {
  /// The addresses that are listened on, such as `127.0.0.1:8420`; the unix socket is not listed.
  public var addresses: [String]
  /// Connections open now, those over the unix socket included.
  public var connections: Int
  /// Live feeds open now.
  public var streams: Int

  /// Puts the parts together.
  public init(addresses: [String], connections: Int, streams: Int) {
    self.addresses = addresses
    self.connections = connections
    self.streams = streams
  }
}
