internal import Model
internal import Reactor
internal import Web

/// The site, its members, and who joins it.
extension Api {
  func addSites(_ sites: any SitesService, to router: inout Router) {
    addSite(sites, to: &router)
    addPairing(sites, to: &router)
    addPeers(sites, to: &router)
    addBundles(sites, to: &router)
    addConflicts(sites, to: &router)
    addRestoring(sites, to: &router)
  }

  private func addConflicts(_ sites: any SitesService, to router: inout Router) {
    add(
      Operation(
        .get, "/api/v1/conflicts", .needs(.read),
        "What was set in two places at once, and nobody has decided since.",
        answer: .json(ConflictsList.self)), to: &router
    ) { _, _ in .json(sites.conflicts()) }
    add(
      Operation(
        .post, "/api/v1/conflicts/{id}/decide", .needs(.administer),
        "Lets one of the values hold; the conflicts that stand then.",
        body: ConflictDecision.self, answer: .json(ConflictsList.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let decision = try request.content(ConflictDecision.self)
      return .json(
        try await sites.decide(request.part("id"), decision, author: request.author))
    }
  }

  private func addRestoring(_ sites: any SitesService, to router: inout Router) {
    add(
      Operation(
        .post, "/api/v1/audit/{id}/restoration", .needs(.administer),
        "Gives a setting the value back that this entry wrote; the conflicts that stand then.",
        answer: .json(ConflictsList.self)), to: &router
    ) { request, _ throws(ServiceError) in
      .json(try await sites.restore(request.part("id"), author: request.author))
    }
  }

  private func addSite(_ sites: any SitesService, to router: inout Router) {
    add(
      Operation(
        .get, "/api/v1/site", .needs(.read), "The site that this node belongs to, and who else.",
        answer: .json(SiteView.self)), to: &router
    ) { _, _ in .json(sites.site()) }
    add(
      Operation(
        .post, "/api/v1/site", .needs(.administer),
        "Makes a site with this node in it; its key is in this answer and nowhere else.",
        body: SiteRequest.self, answer: .json(NewSiteView.self, status: 201)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(SiteRequest.self)
      try checkText("name", wanted.name, bytesMax: ApiLimits.nameBytesMax)
      try checkText("label", wanted.label, bytesMax: ApiLimits.nameBytesMax)
      let made = try await sites.createSite(wanted, author: request.author)
      return .unkept(.json(made, status: 201))
    }
    add(
      Operation(
        .post, "/api/v1/site/recovery", .needs(.administer),
        "Gives this node all rights in the site, by the site's key.",
        body: RecoveryRequest.self, answer: .json(SiteView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(RecoveryRequest.self)
      try checkText("siteKey", wanted.siteKey, bytesMax: ApiLimits.textBytesMax)
      try checkText("label", wanted.label, bytesMax: ApiLimits.nameBytesMax)
      return .unkept(.json(try await sites.recoverSite(wanted, author: request.author)))
    }
    add(
      Operation(
        .post, "/api/v1/site/key", .needs(.administer),
        "Makes a new key for this node, which holds from its next start, and retires this one.",
        answer: .json(SiteView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      .unkept(.json(try await sites.rotateKey(author: request.author)))
    }
  }

  private func addPairing(_ sites: any SitesService, to router: inout Router) {
    add(
      Operation(
        .post, "/api/v1/invitations", .needs(.administer),
        "Invites nodes into the site; the key is in this answer and nowhere else.",
        body: InvitationRequest.self, answer: .json(InvitationView.self, status: 201)),
      to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(InvitationRequest.self)
      try checkInvitation(wanted)
      var made = try await sites.invite(wanted, author: request.author)
      made.qr = QrCode.rows(made.link)
      return .unkept(.json(made, status: 201))
    }
    add(
      Operation(
        .post, "/api/v1/pairing", .needs(.administer),
        "Joins the site of another node by its invitation.",
        body: PairingRequest.self, answer: .json(PairedView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(PairingRequest.self)
      try checkText("key", wanted.key, bytesMax: ApiLimits.invitationBytesMax)
      try checkText("url", wanted.url, bytesMax: ApiLimits.urlBytesMax)
      try checkText("label", wanted.label, bytesMax: ApiLimits.nameBytesMax)
      try checkText("pin", wanted.pin, bytesMax: ApiLimits.nameBytesMax)
      return .unkept(.json(try await sites.pair(wanted, author: request.author)))
    }
  }

  private func addPeers(_ sites: any SitesService, to router: inout Router) {
    add(
      Operation(
        .get, "/api/v1/sync", .needs(.read),
        "How records travel between this node and the others of its site.",
        answer: .json(SyncView.self)), to: &router
    ) { _, _ in .json(await sites.sync()) }
    add(
      Operation(
        .post, "/api/v1/sync/now", .needs(.administer), "Calls every peer now.",
        answer: .json(SyncView.self)), to: &router
    ) { _, _ throws(ServiceError) in .json(try await sites.syncNow()) }
    add(
      Operation(
        .post, "/api/v1/peers", .needs(.administer),
        "Calls an address from now on, at every start.", body: PeerRequest.self,
        answer: .json(SyncView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(PeerRequest.self)
      try checkText("url", wanted.url, bytesMax: ApiLimits.urlBytesMax)
      try checkText("pin", wanted.pin, bytesMax: ApiLimits.nameBytesMax)
      return .json(try await sites.addPeer(wanted))
    }
    add(
      Operation(
        .delete, "/api/v1/peers/{peer}", .needs(.administer),
        "Calls an address, or a node, no longer; its rights stay.",
        answer: .json(SyncView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      .json(try await sites.removePeer(request.part("peer")))
    }
    add(
      Operation(
        .post, "/api/v1/peers/{peer}/revocation", .needs(.administer),
        "Takes a node's rights: what it wrote before counts, nothing later.",
        body: RevocationRequest.self, answer: .json(SiteView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(RevocationRequest.self)
      try checkText("reason", wanted.reason, bytesMax: ApiLimits.reasonBytesMax)
      return .json(
        try await sites.revoke(request.part("peer"), wanted, author: request.author))
    }
  }
}

/// Refuses a text of a body that is empty or too long; one that is missing is not looked at.
private func checkText(_ name: String, _ text: String?, bytesMax: Int) throws(ServiceError) {
  guard let text else { return }
  guard !text.isEmpty else { throw .badParameter(name, "it is empty") }
  guard text.utf8.count <= bytesMax else {
    throw .badParameter(name, "it is longer than \(bytesMax) bytes")
  }
}

private func checkInvitation(_ wanted: InvitationRequest) throws(ServiceError) {
  try checkText("url", wanted.url, bytesMax: ApiLimits.urlBytesMax)
  try checkText("pin", wanted.pin, bytesMax: ApiLimits.nameBytesMax)
  try checkNumber("uses", wanted.uses, in: 1...ApiLimits.invitationUsesMax)
  try checkNumber("minutes", wanted.minutes, in: 1...ApiLimits.invitationMinutesMax)
  guard let scopes = wanted.scopes else { return }
  guard !scopes.isEmpty else { throw .badParameter("scopes", "it names none") }
  for scope in scopes where !ScopeWords.all.contains(scope) {
    throw .badParameter(
      "scopes", "\"\(scope)\" is none of \(ScopeWords.all.joined(separator: ", "))")
  }
}

private func checkNumber(
  _ name: String, _ number: Int?, in range: ClosedRange<Int>
) throws(ServiceError) {
  guard let number, !range.contains(number) else { return }
  throw .badParameter(
    name, "\(number) is not from \(range.lowerBound) to \(range.upperBound)")
}
