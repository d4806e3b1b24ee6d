internal import Model
internal import Reactor
public import Web

/// The sites that this daemon keeps apart.
extension Api {
  func addHub(_ hub: any HubService, to router: inout Router) {
    add(
      Operation(
        .get, "/api/v1/sites", .needs(.read),
        "The sites that this daemon keeps apart, as far as whoever asks is known there.",
        answer: .json(HubSitesView.self)), to: &router
    ) { request, _ in .json(hub.sites(for: request)) }
    add(
      Operation(
        .post, "/api/v1/sites", .localOnly,
        "Keeps one more site, with a node of its own that belongs to nothing yet.",
        body: HubSiteRequest.self, answer: .json(HubSitesView.self, status: 201)), to: &router
    ) { request, _ throws(ServiceError) in
      try await hub.addSite(try request.content(HubSiteRequest.self))
      return .json(hub.sites(for: request), status: 201)
    }
  }

  /// Where the first site of a hub is not served: that and why are still told on this machine.
  public static func addHub(alone hub: any HubService, to router: inout Router) {
    router.get("/api/v1/sites", access: .localOnly) { request in
      .json(hub.sites(for: request))
    }
  }
}
