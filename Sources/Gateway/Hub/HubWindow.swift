internal import Api
internal import Model
internal import Reactor
internal import Web

/// The sites of a daemon as one of them shows them.
@Loop final class HubWindow: HubService {
  private weak var sites: HubSites?
  private let here: String

  init(_ sites: HubSites, at here: String) {
    self.sites = sites
    self.here = here
  }

  func sites(for request: Request) -> HubSitesView {
    sites?.views(for: request, at: here)
      ?? HubSitesView(here: here, sites: [], sitesMax: HubSites.sitesMax)
  }

  func addSite(_ wanted: HubSiteRequest) async throws(ServiceError) {
    try await sites?.add(wanted.place)
  }

  var metricsLabel: String? { sites?.isSeveral == true ? here : nil }
}

/// Why a site is not kept.
enum HubProblem {
  static let notHub = ServiceError(
    status: 409, code: "hub.not-hub", detail: "only a hub keeps several sites",
    remedy: "say role = \"hub\" in the configuration, or bivouac run --role hub")

  static func badPlace(_ place: String) -> ServiceError {
    ServiceError(
      status: 422, code: "hub.bad-place", parameters: ["site": place],
      detail: "\"\(place)\" cannot be a site's short name",
      remedy: "give 1 to \(SitePlace.bytesMax) of a to z, 0 to 9 and -, which does not begin or end"
        + " it")
  }

  static func exists(_ place: String) -> ServiceError {
    ServiceError(
      status: 409, code: "hub.exists", parameters: ["site": place],
      detail: "there is a site \(place) here already",
      remedy: "choose another short name; bivouac site list shows those that are taken")
  }

  static func tooMany(_ limit: Int) -> ServiceError {
    ServiceError(
      status: 409, code: "too-many", parameters: ["limit": "\(limit)"],
      detail: "\(limit) sites are kept here already", remedy: "keep the next one on another hub")
  }

  static let ending = ServiceError(
    status: 503, code: "unavailable", detail: "the daemon is stopping",
    remedy: "try again when it has started")

  static func failed(_ problem: ProblemView) -> ServiceError {
    ServiceError(
      status: problem.code == "storage.full" ? 507 : 500, code: problem.code,
      parameters: problem.parameters, detail: problem.detail,
      remedy: "see the daemon's log; what was there already is as it was")
  }
}
