internal import Model
internal import Reactor
internal import Web

/// The page and the API on this machine's own addresses, beside the unix socket.
///
/// An address that another program holds is tried again and again; meanwhile readings are recorded
/// as ever, and a notice says why the page is not there.
@Loop final class PageServer {
  /// How long until an address that was taken is tried again, in microseconds.
  static let retryUs: Int64 = 10_000_000

  /// Descriptors left for everything that is no connection over the network: ports, the database,
  /// the unix socket and its 128 connections.
  static let filesOfOthers = 768

  private let router: Router
  private let names: [String]
  private let log: Log
  private let say: @Loop (PageServerNotice) -> Void
  private var waiting: [LoopbackAddress]
  private var servers: [(address: String, server: HTTPServer)] = []
  private var retry: LoopTimer?
  private var isStopping = false
  private let connectionsMax: Int

  /// `say` is told when something is wrong with an address, and when it is right again.
  ///
  /// `filesReserved` are descriptors left for others beside the usual ones.
  init(
    addresses: [LoopbackAddress], names: [String], router: Router, log: Log, filesReserved: Int,
    say: @escaping @Loop (PageServerNotice) -> Void
  ) {
    waiting = addresses
    self.names = names
    self.router = router
    self.log = log
    self.say = say
    connectionsMax = Self.connections(
      addressCount: addresses.count, filesOfOthers: Self.filesOfOthers + filesReserved)
    retry = LoopTimer { [weak self] in self?.listen() }
  }

  /// Listens where it can, and goes on trying where it cannot.
  func listen() {
    guard !isStopping else { return }
    var taken: [LoopbackAddress] = []
    for address in waiting {
      do throws(Errno) {
        try listen(on: address)
        say(.listening(address))
      } catch {
        taken.append(address)
        say(.taken(address, error))
      }
    }
    waiting = taken
    if !taken.isEmpty { retry?.arm(afterUs: Self.retryUs) }
  }

  private func listen(on address: LoopbackAddress) throws(Errno) {
    let listener = try Listener(tcp: address)
    let bound = listener.tcp ?? address
    var settings = HTTPServer.Settings()
    settings.connectionsMax = connectionsMax
    settings.networkGuard = NetworkGuard(port: bound.port, names: names)
    let server = HTTPServer(router, settings: settings)
    try server.start(listener)
    servers.append((bound.description, server))
    log.write(.notice, "listening", ["address": "http://\(bound)"])
  }

  /// How many connections each address takes: fewer where the system does not give the descriptors,
  /// for the page must never take away what a port needs.
  private static func connections(addressCount: Int, filesOfOthers: Int) -> Int {
    let wanted = WebLimits.networkConnectionsMax
    var files = 1_024
    do throws(Errno) {
      files = try System.raiseFileLimit(to: addressCount * wanted + filesOfOthers)
    } catch {
      // It cannot be told: what is usual is taken for granted.
    }
    return max(1, min(wanted, (files - filesOfOthers) / max(1, addressCount)))
  }

  /// Ends in order.
  func stop() async {
    isStopping = true
    retry = nil
    for (_, server) in servers { await server.stop() }
    servers = []
  }

  /// What the servers hold, that of the unix socket included.
  func view(with local: HTTPServer.Metrics) -> HttpView {
    var view = HttpView(
      addresses: servers.map(\.address), connections: local.connections, streams: local.streams)
    for (_, server) in servers {
      let metrics = server.metrics
      view.connections += metrics.connections
      view.streams += metrics.streams
    }
    return view
  }
}

/// What became of an address that should be listened on.
enum PageServerNotice {
  case listening(LoopbackAddress)
  case taken(LoopbackAddress, Errno)

  /// What a person should know; nil when all is well.
  var problem: ProblemView? {
    guard case .taken(let address, let error) = self else { return nil }
    let isTaken = error.name == "EADDRINUSE"
    return ProblemView(
      code: isTaken ? "http.port-in-use" : "http.failed",
      parameters: ["address": address.description, "reason": "\(error)"],
      detail: isTaken
        ? "\(address) is taken by another program, so the page is not there: stop that program, or"
          + " choose another port under [http]; it is tried again every 10 s"
        : "\(address) cannot be listened on (\(error)), so the page is not there: choose another"
          + " under [http]")
  }

  /// The address, as it was configured.
  var address: String {
    switch self {
    case .listening(let address), .taken(let address, _): address.description
    }
  }
}

extension StaticFiles {
  /// The pages under `/web/`, their first one at `/`, and the libraries of Debian that they use;
  /// reads files, so it is called before the loop turns.
  static func pages(web: String, libraries: String) -> StaticFiles {
    var files = StaticFiles()
    files.add(folder: web, at: "/web/")
    files.add(file: web + "/index.html", at: "/")
    for name in ["dygraph.min.js", "dygraph.css"] {
      files.add(file: libraries + "/dygraphs/" + name, at: "/lib/dygraphs/" + name)
    }
    return files
  }
}
