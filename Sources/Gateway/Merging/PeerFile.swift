internal import Model
internal import Reactor

/// Which peers this node calls, in a file of the state folder: one URL a line, with its pin, and
/// behind it the node that has to answer. Who calls whom is each node's own affair: it is no
/// record.
enum PeerFile {
  /// The most peers that are called.
  static let peersMax = 64

  /// One line.
  struct Peer: Hashable, Sendable {
    var url: SyncUrl
    /// Who has to answer; nil for whoever does.
    var node: NodeId?
  }

  static func read(_ folder: String) -> [Peer] {
    do throws(Errno) {
      let text = try System.readFile(path(folder), bytesMax: 128 << 10)
      return parse(String(decoding: text, as: UTF8.self))
    } catch {
      return []
    }
  }

  static func parse(_ text: String) -> [Peer] {
    text.split(separator: "\n").prefix(peersMax).compactMap { line in
      let words = line.split(separator: " ")
      guard let url = words.first.flatMap({ SyncUrl(String($0)) }) else { return nil }
      return Peer(
        url: url, node: words.dropFirst().first.flatMap { Hex.bytes($0) }.flatMap(NodeId.init))
    }
  }

  static func text(_ peers: [Peer]) -> String {
    peers.map { peer in
      peer.node.map { "\(peer.url.text) \(Hex.text($0.bytes))\n" } ?? "\(peer.url.text)\n"
    }.joined()
  }

  /// Replaces the file as one step, off the loop.
  static func write(_ peers: [Peer], _ folder: String) async throws(Errno) {
    let (path, bytes) = (path(folder), Array(text(peers).utf8))
    let result = await Task.detached {
      Result { () throws(Errno) in try System.writeFile(path, bytes, mode: 0o600) }
    }.value
    try result.get()
  }

  private static func path(_ folder: String) -> String { folder + "/peers" }
}
