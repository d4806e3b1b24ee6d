import Api
import Model
import Reactor

/// A site with one peer, in which everything succeeds; it remembers what it was asked.
@Loop final class FakeSites: SitesService {
  var asked: [String] = []
  /// Pieces of a bundle that are not fetched yet.
  var pieces: [[UInt8]] = [[1, 2, 3], [4]]

  nonisolated init() {}

  nonisolated static let site = SiteView(
    site: "aa", name: "Farm", node: "bb",
    members: [
      MemberView(node: "bb", label: "barn", scopes: ScopeWords.all, depth: 1, isSelf: true)
    ], keepsKey: false)

  private var travel: SyncView {
    var peer = PeerSyncView(node: "cc", label: "hub", url: "http://hub:8421", state: "even")
    peer.backlogRecords = 0
    return SyncView(
      site: "aa", listening: ["[::]:8421"], peers: [peer], waiting: 0, conflicts: 0)
  }

  private func note(_ parts: String?...) {
    asked.append(parts.map { $0 ?? "-" }.joined(separator: " "))
  }

  func site() -> SiteView { Self.site }

  func createSite(
    _ wanted: SiteRequest, author: String
  ) async throws(ServiceError) -> NewSiteView {
    note("create", wanted.name, wanted.label, wanted.keep.map { "\($0)" }, author)
    guard wanted.name != "second" else {
      throw ServiceError(
        status: 409, code: "site.exists", detail: "there is one", remedy: "leave it")
    }
    return NewSiteView(site: Self.site, siteKey: "KEY")
  }

  func recoverSite(
    _ wanted: RecoveryRequest, author: String
  ) async throws(ServiceError) -> SiteView {
    note("recover", wanted.siteKey, wanted.label, author)
    return Self.site
  }

  func invite(
    _ wanted: InvitationRequest, author: String
  ) async throws(ServiceError) -> InvitationView {
    note(
      "invite", wanted.url, wanted.uses.map { "\($0)" }, wanted.minutes.map { "\($0)" },
      wanted.scopes?.joined(separator: ","), author)
    return InvitationView(
      key: "K", url: "http://hub:8421", link: "bivouac:1:aa:K:http://hub:8421", uses: 1,
      seconds: 900)
  }

  func pair(_ wanted: PairingRequest, author: String) async throws(ServiceError) -> PairedView {
    note("pair", wanted.url, wanted.key, wanted.label, author)
    return PairedView(site: Self.site, inviter: "cc", isClockApart: false)
  }

  func revoke(
    _ peer: String, _ wanted: RevocationRequest, author: String
  ) async throws(ServiceError) -> SiteView {
    note("revoke", peer, wanted.reason, author)
    return Self.site
  }

  func rotateKey(author: String) async throws(ServiceError) -> SiteView {
    note("rotate", author)
    return Self.site
  }

  func sync() async -> SyncView { travel }

  func addPeer(_ wanted: PeerRequest) async throws(ServiceError) -> SyncView {
    note("add", wanted.url)
    return travel
  }

  func removePeer(_ peer: String) async throws(ServiceError) -> SyncView {
    note("remove", peer)
    return travel
  }

  func syncNow() async throws(ServiceError) -> SyncView {
    note("now")
    return travel
  }

  func beginExport(for peer: String?) async throws(ServiceError) -> String {
    note("export", peer)
    return "e1"
  }

  func exportPiece(_ id: String) async throws(ServiceError) -> [UInt8] {
    note("piece", id)
    return pieces.isEmpty ? [] : pieces.removeFirst()
  }

  func beginImport() async throws(ServiceError) -> String {
    note("import")
    return "i1"
  }

  func importPiece(_ id: String, _ bytes: [UInt8]) async throws(ServiceError) {
    note("take", id, "\(bytes.count)")
  }

  func endImport(_ id: String) async throws(ServiceError) -> BundleImportView {
    note("end", id)
    return BundleImportView(
      kept: 3, known: 2, waiting: 1, dropped: 0, ending: .whole, maker: "cc")
  }
}
