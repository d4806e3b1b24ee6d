public import Model
internal import Glibc
internal import Reactor
internal import Synchronization

/// The daemon: opens what it needs, in order, runs the loop, and closes everything in order.
public enum Daemon {
  /// What the command line says.
  public struct Options: Sendable, Equatable {
    /// The configuration file; nil for the usual one.
    public var configuration: String?
    /// The state folder; nil for what the configuration says.
    public var state: String?
    /// The unix socket; nil for what the configuration says.
    public var socket: String?
    /// Where the page and the API are served, `none` for nowhere; nil for what the configuration
    /// says.
    public var listen: String?
    /// The folder of the pages; nil for what the configuration says.
    public var web: String?
    /// Whether it is a hub, which looks for no devices; nil for what the configuration says.
    public var isHub: Bool?
    /// Of several sites under one state folder, the one that is meant; nil for the first. For what
    /// works on stored state: a running daemon serves all of them.
    public var site: String?

    /// The usual places.
    public init(
      configuration: String? = nil, state: String? = nil, socket: String? = nil,
      listen: String? = nil, web: String? = nil, isHub: Bool? = nil, site: String? = nil
    ) {
      self.configuration = configuration
      self.state = state
      self.socket = socket
      self.listen = listen
      self.web = web
      self.isHub = isHub
      self.site = site
    }
  }

  /// Runs until SIGTERM or SIGINT, on the calling thread, which must be the first and only one.
  ///
  /// Returns nil after an end in order, and otherwise why the daemon could not start, or what it
  /// could not save. `tellClaim` is given the claim code and the page's addresses where there is
  /// no administrator yet; it is for the eyes of whoever is at the terminal, and never logged.
  public static func run(
    _ options: Options,
    tellClaim: @escaping @Sendable (_ code: String, _ addresses: [String]) -> Void
  ) -> ProblemView? {
    System.mapLargeBlocks()
    Signals.blockBeforeThreads()
    umask(0o007)
    let setup = Setup(options)
    let outcome = Outcome()
    let run = DaemonRun(setup: setup, outcome: outcome, tellClaim: tellClaim)
    Task { @Loop in await run.start() }
    EventLoop.shared.run()
    return outcome.problem.withLock { $0 }
  }
}

/// How a run ended, to be read when the loop has stopped.
final class Outcome: Sendable {
  let problem = Mutex<ProblemView?>(nil)
}
