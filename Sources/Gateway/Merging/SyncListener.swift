internal import Model
internal import Reactor
internal import Web

/// Listens where other machines reach this daemon: for other nodes, where nothing but `/sync` is,
/// and by TLS for people too, where it is asked for. On a hub all of its sites are behind the same
/// addresses.
@Loop final class SyncListener {
  /// An address, and what is behind it.
  struct Door {
    var address: InternetAddress
    /// What can be asked for there, and nothing else.
    var router: Router
    var tls: TlsServer?
    /// What browsers have to satisfy; nil where no page is.
    var networkGuard: NetworkGuard?
    /// Connections at once.
    var connectionsMax: Int
  }

  /// An address that is listened on.
  struct Listening: Equatable {
    var address: InternetAddress
    var isEncrypted: Bool
    /// Whether the pages are there.
    var hasPages: Bool

    /// Host and port, behind `https://` where TLS is spoken.
    var text: String { isEncrypted ? "https://\(address)" : "\(address)" }
  }

  private let log: Log
  private var waiting: [Door]
  private var servers: [HTTPServer] = []
  private var retryTimer: LoopTimer?
  /// Where it listens.
  private(set) var addresses: [Listening] = []
  /// What other nodes pin, where this one made the certificate that it shows.
  let pin: PublicKeyPin?

  /// Where it listens, those for nodes alone first.
  var listening: [String] { addresses.map(\.text) }
  /// Where the pages are.
  var pages: [String] { addresses.filter(\.hasPages).map(\.text) }

  init(doors: [Door], log: Log) {
    waiting = doors
    self.log = log
    pin = doors.lazy.compactMap(\.tls?.pin).first
    retryTimer = LoopTimer { [weak self] in self?.listen() }
  }

  /// Listens where it can, and goes on trying where it cannot.
  func listen() {
    var left: [Door] = []
    for door in waiting {
      do throws(Errno) {
        try listen(on: door)
      } catch {
        left.append(door)
        log.write(
          .warning, "sync.address-taken", ["address": "\(door.address)", "errno": "\(error)"])
      }
    }
    waiting = left
    if !left.isEmpty { retryTimer?.arm(afterUs: PageServer.retryUs) }
  }

  private func listen(on door: Door) throws(Errno) {
    var bound = door.address
    let listener = try Listener(internet: door.address, bound: &bound)
    var settings = HTTPServer.Settings()
    settings.connectionsMax = door.connectionsMax
    settings.certificate = door.tls?.certificate
    settings.networkGuard = door.networkGuard
    let server = HTTPServer(door.router, settings: settings)
    try server.start(listener)
    servers.append(server)
    let listening = Listening(
      address: bound, isEncrypted: door.tls != nil, hasPages: door.networkGuard != nil)
    addresses.append(listening)
    log.write(.notice, "sync.listening", ["address": listening.text])
  }

  /// What its servers hold, added to what others do.
  func count(into view: inout HttpView) {
    view.addresses += pages
    for server in servers {
      let metrics = server.metrics
      view.connections += metrics.connections
      view.streams += metrics.streams
    }
  }

  /// Ends in order.
  func stop() async {
    retryTimer = nil
    for server in servers { await server.stop() }
    servers = []
  }
}
