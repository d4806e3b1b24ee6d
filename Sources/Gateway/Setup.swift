internal import Devices
internal import Model
internal import Reactor
internal import Storage
internal import Sync
internal import Web

/// Why the daemon could not start.
struct StartFailure: Error {
  let problem: ProblemView

  init(_ problem: ProblemView) { self.problem = problem }

  init(code: String, parameters: [String: String] = [:], detail: String) {
    problem = ProblemView(code: code, parameters: parameters, detail: detail)
  }
}

/// Holds the locked state folder for as long as the daemon runs.
final class StateFolderBox: Sendable {
  let folder: StateFolder

  init(_ path: String) throws(StartFailure) {
    do throws(DatabaseError) {
      folder = try StateFolder.open(path)
    } catch {
      throw StartFailure(Problems.view(error))
    }
  }
}

/// What configuration and command line say together, before anything is opened.
struct Setup: Sendable {
  let stateFolder: String
  let socketPath: String
  let logLevel: Log.Level
  let notices: [ProblemView]
  let http: Configuration.Http
  let sync: Configuration.Sync
  let isHub: Bool
  private let configuration: Configuration

  init(_ options: Daemon.Options) {
    let (configuration, notices) = Configuration.load(
      file: options.configuration ?? Configuration.usualFile)
    self.configuration = configuration
    var stateFolder = options.state ?? configuration.stateFolder
    if let site = options.site, site != SitePlace.main {
      stateFolder = SiteFolders.path(of: site, in: stateFolder)
    }
    self.stateFolder = stateFolder
    // A state folder named on the command line is a daemon of one's own: its socket lies with it.
    let own = options.state.map { $0 + "/bivouac.sock" }
    socketPath =
      options.socket ?? own ?? configuration.socketPath ?? Self.usualSocket(stateFolder)
    logLevel = configuration.logLevel
    let (http, refused) = Self.http(configuration.http, options)
    self.http = http
    sync = configuration.sync
    isHub = options.isHub ?? configuration.isHub
    self.notices = notices + refused
  }

  /// What the command line says of the page goes before the configuration.
  private static func http(
    _ configured: Configuration.Http, _ options: Daemon.Options
  ) -> (Configuration.Http, [ProblemView]) {
    var http = configured
    if let web = options.web { http.web = web }
    guard let listen = options.listen else { return (http, []) }
    http.listen = []
    guard listen != "none" else { return (http, []) }
    do throws(LoopbackAddress.Failure) {
      http.listen = [try LoopbackAddress(listen)]
      return (http, [])
    } catch {
      let detail =
        switch error {
        case .malformed: "--listen \(listen) is no address with a port: write it as 127.0.0.1:8420"
        case .notLoopback:
          "--listen \(listen) is not an address of this machine alone, and without a login it is"
            + " not listened on: use 127.0.0.1 or [::1]"
        }
      let code = error == .malformed ? "http.bad-address" : "http.not-loopback"
      return (http, [ProblemView(code: code, parameters: ["value": listen], detail: detail)])
    }
  }

  /// Whether TLS is spoken anywhere.
  var isTlsWanted: Bool { sync.tls && !sync.listen.isEmpty || !http.https.isEmpty }

  /// What is shown there. Waits for the disk.
  func tlsServer() throws(TlsFailure) -> TlsServer {
    try TlsFiles.load(configuration.tls, stateFolder: stateFolder)
  }

  /// The file of authorities that are trusted instead of the system's; nil for these.
  var authorities: String? { configuration.tls.authorities }

  /// Where the state of one of the sites lies.
  func stateFolder(of place: String) -> String {
    place == SitePlace.main ? stateFolder : SiteFolders.path(of: place, in: stateFolder)
  }

  /// Who the node of a site is and how it runs.
  func settings(
    _ box: StateFolderBox, of place: String = SitePlace.main
  ) throws(StartFailure) -> NodeSettings {
    let random: UInt64
    let boot: [UInt8]
    do throws(Errno) {
      random = try System.randomNumber()
      boot = try System.bootId()
    } catch {
      throw StartFailure(
        code: "start.failed", detail: "the system gives no random numbers or boot id: \(error)")
    }
    guard let clockEpoch = ClockEpoch(boot) else {
      throw StartFailure(code: "start.failed", detail: "the kernel's boot id is not 16 bytes")
    }
    var settings = NodeSettings(
      node: box.folder.key.id, incarnation: Incarnation(max(1, random)), clockEpoch: clockEpoch,
      stateFolder: stateFolder(of: place), databasePath: box.folder.databasePath)
    settings.former = box.folder.key.former.map(\.id)
    settings.commitIntervalUs = Int64(configuration.commitIntervalSeconds) * 1_000_000
    settings.isHub = isHub
    settings.openAtStart = configuration.openAtStart
    settings.portRules = PortRules(configuration.ports)
    settings.simulationAllowed = configuration.simulationAllowed
    settings.retention = configuration.retention
    settings.snapshotQuotaBytes = configuration.snapshots.quotaBytes
    settings.mail = configuration.mail
    // What is odd about the configuration is told once.
    if place == SitePlace.main { settings.notices = notices }
    return settings
  }

  /// Where an installed daemon listens; anybody else's own lies with its state.
  private static func usualSocket(_ stateFolder: String) -> String {
    let run = "/run/bivouac"
    return System.isFolder(run) ? run + "/bivouac.sock" : stateFolder + "/bivouac.sock"
  }
}
