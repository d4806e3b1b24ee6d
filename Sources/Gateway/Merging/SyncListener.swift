internal import Model
internal import Reactor
internal import Web

/// Listens where other nodes reach this daemon; nothing but `/sync` is there. On a hub all of its
/// sites are behind the same addresses.
@Loop final class SyncListener {
  private let router: Router
  private let log: Log
  private let filesReserved: Int
  private var waiting: [InternetAddress]
  private var servers: [HTTPServer] = []
  private var retryTimer: LoopTimer?
  /// Where it listens, as host and port.
  private(set) var listening: [String] = []

  /// `router` holds what can be asked for beyond this machine, and nothing else; `filesReserved`
  /// are descriptors left for others beside the usual ones.
  init(addresses: [InternetAddress], router: Router, log: Log, filesReserved: Int) {
    waiting = addresses
    self.filesReserved = filesReserved
    self.router = router
    self.log = log
    retryTimer = LoopTimer { [weak self] in self?.listen() }
  }

  /// Listens where it can, and goes on trying where it cannot.
  func listen() {
    var left: [InternetAddress] = []
    for address in waiting {
      do throws(Errno) {
        try listen(on: address)
      } catch {
        left.append(address)
        log.write(.warning, "sync.address-taken", ["address": "\(address)", "errno": "\(error)"])
      }
    }
    waiting = left
    if !left.isEmpty { retryTimer?.arm(afterUs: PageServer.retryUs) }
  }

  private func listen(on address: InternetAddress) throws(Errno) {
    var bound = address
    let listener = try Listener(internet: address, bound: &bound)
    var settings = HTTPServer.Settings()
    settings.connectionsMax = SyncDoor.connections(filesReserved: filesReserved)
    let server = HTTPServer(router, settings: settings)
    try server.start(listener)
    servers.append(server)
    listening.append("\(bound)")
    log.write(.notice, "sync.listening", ["address": "\(bound)"])
  }

  /// Ends in order.
  func stop() async {
    retryTimer = nil
    for server in servers { await server.stop() }
    servers = []
  }
}
