public import Model
public import Reactor

/// Sites, peers, and records on their way, as the API asks for them.
@Loop public protocol SitesService: AnyObject {
  /// The site that this node belongs to.
  func site() -> SiteView
  /// Makes a site with this node in it. Throws `site.exists`.
  func createSite(_ wanted: SiteRequest, author: String) async throws(ServiceError) -> NewSiteView
  /// Gives this node all rights again. Throws `site.wrong-key`, `site.none`.
  func recoverSite(_ wanted: RecoveryRequest, author: String) async throws(ServiceError)
    -> SiteView
  /// Makes an invitation. Throws `site.none`, `site.no-right`, `too-many`, `sync.no-address`.
  func invite(_ wanted: InvitationRequest, author: String) async throws(ServiceError)
    -> InvitationView
  /// Joins the site of another node. Throws `pairing.` with a code of docs/sync-format.md
  /// section 7, or `pairing.unreachable`.
  func pair(_ wanted: PairingRequest, author: String) async throws(ServiceError) -> PairedView
  /// Takes a node's rights, named by its id, the beginning of it, or its label.
  func revoke(_ peer: String, _ wanted: RevocationRequest, author: String)
    async throws(ServiceError) -> SiteView
  /// Makes a new key for this node and retires the present one; it holds from the next start.
  func rotateKey(author: String) async throws(ServiceError) -> SiteView
  /// How records travel.
  func sync() async -> SyncView
  /// Calls an address from now on, at every start.
  func addPeer(_ wanted: PeerRequest) async throws(ServiceError) -> SyncView
  /// Calls an address, or a node, no longer.
  func removePeer(_ peer: String) async throws(ServiceError) -> SyncView
  /// Calls every peer now.
  func syncNow() async throws(ServiceError) -> SyncView
  /// What was set in two places at once, and nobody has decided.
  func conflicts() -> ConflictsList
  /// Decides a conflict. Throws `not-found`.
  func decide(_ id: String, _ decision: ConflictDecision, author: String)
    async throws(ServiceError) -> ConflictsList
  /// Gives a setting the value back that an entry of the audit wrote; the conflicts that stand
  /// then. Throws `audit.unknown`, `audit.not-restorable`.
  func restore(_ entry: String, author: String) async throws(ServiceError) -> ConflictsList
  /// Begins a bundle for a peer (nil: for anybody): its name, for `exportPiece`. Throws
  /// `site.none`, `too-many`.
  func beginExport(for peer: String?) async throws(ServiceError) -> String
  /// The next piece of a bundle, at most 1 MiB; empty behind its last. Throws `not-found`.
  func exportPiece(_ id: String) async throws(ServiceError) -> [UInt8]
  /// Begins to take a bundle in: its name, for `importPiece`. Throws `site.none`, `too-many`.
  func beginImport() async throws(ServiceError) -> String
  /// Takes the next piece of a bundle. Throws `bundle.malformed`, `bundle.other-site`, and what the
  /// store says.
  func importPiece(_ id: String, _ bytes: [UInt8]) async throws(ServiceError)
  /// Ends it: what it brought, all of it on the disk.
  func endImport(_ id: String) async throws(ServiceError) -> BundleImportView
}
