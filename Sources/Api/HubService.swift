public import Model
public import Reactor
public import Web

/// The sites that a daemon keeps apart, as the API of one of them asks for them.
@Loop public protocol HubService: AnyObject {
  /// The sites that whoever asks may know of: all of them on this machine; else the one that is
  /// asked, and those that know whoever asks as well.
  func sites(for request: Request) -> HubSitesView
  /// Keeps one more site. Throws `hub.not-hub`, `hub.bad-place`, `hub.exists`, `too-many`, and what
  /// its folder and its database say.
  func addSite(_ wanted: HubSiteRequest) async throws(ServiceError)
  /// What tells this site's metrics from those of the others; nil where there are no others.
  var metricsLabel: String? { get }
}
