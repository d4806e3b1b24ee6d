internal import Api
internal import Model
internal import Reactor
internal import Web

/// What can be asked of one site, by where it is asked.
struct SiteDoors {
  /// A way into the daemon.
  enum Door {
    /// Its unix socket: programs of this machine.
    case local
    /// Its own addresses, with the pages: people, and programs with a token.
    case page
    /// Where other nodes come in; nothing but `/sync`.
    case sync
  }

  private let local: Router
  private let page: Router
  private let sync: Router

  /// The doors of a site that is served.
  @Loop init(
    _ node: Node, _ desk: SiteDesk, _ hub: any HubService, addPages: (inout Router) -> Void
  ) {
    var api = Router(gatekeeper: node.people)
    Api(node: node, sites: desk, hub: hub).addRoutes(to: &api)
    desk.addRoutes(to: &api)
    local = api
    addPages(&api)
    page = api
    // Routes of its own: nothing but `/sync` can be asked for beyond this machine.
    var other = Router()
    desk.addRoutes(to: &other)
    sync = other
  }

  /// The doors of a site that is not there, or not served: each says so, and only who is on this
  /// machine is told why.
  @Loop init(refusing problem: ProblemView, at place: String, status: Int) {
    let remedy =
      status == 404
      ? "bivouac site list shows them" : "bivouac site list and the daemon's log say more"
    var inside = Router()
    Api.refuseEverything(
      ServiceError(
        status: status, code: problem.code, parameters: problem.parameters,
        detail: problem.detail, remedy: remedy), in: &inside)
    local = inside
    var outside = Router()
    Api.refuseEverything(
      ServiceError(
        status: status, code: problem.code, parameters: ["site": place],
        detail: status == 404
          ? "there is no site \(place) here" : "the site \(place) is not served now",
        remedy: remedy), in: &outside, access: .open)
    page = outside
    var other = Router()
    let code = status == 404 ? "unknown-site" : "not-served"
    other.add(.post, "/{any...}", access: .open, mediaTypes: []) { _ in
      var response = Response.syncRefused(code, status)
      if status == 503 { response.headers["Retry-After"] = "10" }
      return response
    }
    sync = other
  }

  func router(_ door: Door) -> Router {
    switch door {
    case .local: local
    case .page: page
    case .sync: sync
    }
  }
}
