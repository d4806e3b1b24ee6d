internal import Model
internal import Reactor
internal import Web

/// Records that travel as a file: written and read piece by piece, so that no bundle is ever whole
/// in memory.
extension Api {
  func addBundles(_ sites: any SitesService, to router: inout Router) {
    addExports(sites, to: &router)
    addImports(sites, to: &router)
  }

  private func addExports(_ sites: any SitesService, to router: inout Router) {
    add(
      Operation(
        .post, "/api/v1/sync/exports", .needs(.administer),
        "Begins a bundle of all records that a peer is not known to have, or of all.",
        body: BundleRequest.self, answer: .json(BundleTaskView.self, status: 201)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(BundleRequest.self)
      if let peer = wanted.peer, peer.isEmpty || peer.utf8.count > ApiLimits.textBytesMax {
        throw .badParameter("peer", "it is empty or longer than \(ApiLimits.textBytesMax) bytes")
      }
      let id = try await sites.beginExport(for: wanted.peer)
      return .unkept(.json(BundleTaskView(id: id), status: 201))
    }
    add(
      Operation(
        .get, "/api/v1/sync/exports/{id}", .needs(.administer),
        "The next piece of a bundle, at most 1 MiB; every answer is another one.",
        answer: .bytes), to: &router
    ) { request, _ throws(ServiceError) in
      let piece = try await sites.exportPiece(request.part("id"))
      if piece.isEmpty { return .unkept(.noContent) }
      return .unkept(
        Response(headers: ["Content-Type": Operation.bytesType], body: piece))
    }
  }

  private func addImports(_ sites: any SitesService, to router: inout Router) {
    add(
      Operation(
        .post, "/api/v1/sync/imports", .needs(.administer), "Begins to take a bundle in.",
        answer: .json(BundleTaskView.self, status: 201)), to: &router
    ) { _, _ throws(ServiceError) in
      .json(BundleTaskView(id: try await sites.beginImport()), status: 201)
    }
    add(
      Operation(
        .put, "/api/v1/sync/imports/{id}", .needs(.administer),
        "The next piece of a bundle, 1 byte to 1 MiB, in order and each once.",
        bodyTypes: [Operation.bytesType], answer: .nothing), to: &router
    ) { request, _ throws(ServiceError) in
      guard !request.body.isEmpty else { throw .badParameter("body", "it is empty") }
      try await sites.importPiece(request.part("id"), request.body)
      return .noContent
    }
    add(
      Operation(
        .post, "/api/v1/sync/imports/{id}/end", .needs(.administer),
        "Says that a bundle is over: what it brought, all of it on the disk.",
        answer: .json(BundleImportView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      .json(try await sites.endImport(request.part("id")))
    }
  }
}
