import Api
import Model
import Reactor
import Web

/// A daemon of two sites, or of one alone; it remembers which ones it was asked to keep.
@Loop final class FakeHub: HubService {
  var asked: [String] = []
  private let isSeveral: Bool

  nonisolated init(isSeveral: Bool = true) { self.isSeveral = isSeveral }

  func sites(for request: Request) -> HubSitesView {
    var north = HubSiteView(place: "north", state: "served")
    north.name = "North farm"
    let main = HubSiteView(place: SitePlace.main, state: "served")
    return HubSitesView(here: "north", sites: isSeveral ? [main, north] : [main], sitesMax: 32)
  }

  func addSite(_ wanted: HubSiteRequest) async throws(ServiceError) {
    asked.append(wanted.place)
    guard wanted.place != "north" else {
      throw ServiceError(status: 409, code: "hub.exists", detail: "it is there", remedy: "another")
    }
  }

  var metricsLabel: String? { isSeveral ? "north" : nil }
}
