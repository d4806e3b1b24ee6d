internal import Model
internal import Reactor
internal import Web

/// A picture of a device that somebody hands in.
public struct SnapshotRequest: Sendable {
  /// Its bytes.
  public var content: [UInt8]
  /// What they are said to be.
  public var mediaType: String
  /// What is said of it.
  public var note: String?

  /// Puts it together.
  public init(content: [UInt8], mediaType: String, note: String?) {
    self.content = content
    self.mediaType = mediaType
    self.note = note
  }
}

/// The bytes of a picture.
public struct SnapshotFile: Sendable {
  /// The bytes, compared with their hash.
  public var content: [UInt8]
  /// What they are.
  public var mediaType: String

  /// Puts it together.
  public init(content: [UInt8], mediaType: String) {
    self.content = content
    self.mediaType = mediaType
  }
}

/// Pictures of devices: manifests that the whole site has, and bytes that are where they are.
extension Api {
  func addSnapshots(to router: inout Router) {
    let node = node
    let limit = Operation.Parameter(
      name: "limit", schema: .integer(in: 1...Int64(ApiLimits.snapshotsMax)),
      description: "At most so many; 100 when it is not given.")
    add(
      Operation(
        .get, "/api/v1/snapshots", .needs(.read), "Pictures of devices, newest first.",
        parameters: [limit], answer: .json(SnapshotsPage.self)), to: &router
    ) { _, query throws(ServiceError) in
      .json(try await node.snapshots(of: nil, limit: try Self.snapshotsLimit(&query)))
    }
    add(
      Operation(
        .get, "/api/v1/devices/{id}/snapshots", .needs(.read),
        "Pictures of one device, newest first.", parameters: [limit],
        answer: .json(SnapshotsPage.self)), to: &router
    ) { request, query throws(ServiceError) in
      .json(
        try await node.snapshots(of: request.part("id"), limit: try Self.snapshotsLimit(&query)))
    }
    add(
      Operation(
        .post, "/api/v1/devices/{id}/snapshots", .needs(.operate),
        "Adds a picture of a device that this node has: the body is the picture, at most 8 MiB."
          + " Answered when it is on disk.",
        parameters: [
          .init(name: "note", schema: .text, description: "What is to be seen; at most 200 bytes.")
        ],
        bodyTypes: ApiLimits.snapshotTypes, bodyBytesMax: ApiLimits.snapshotBytesMax,
        answer: .json(SnapshotView.self, status: 201)), to: &router
    ) { request, query throws(ServiceError) in
      let note = try query.text("note")
      try query.finish()
      let wanted = SnapshotRequest(
        content: request.body, mediaType: request.mediaType ?? "", note: note)
      let added = try await node.addSnapshot(
        wanted, of: request.part("id"), author: request.author)
      var response = Response.json(added, status: 201)
      response.headers["Location"] = "/api/v1/snapshots/\(added.hash)"
      return response
    }
    add(
      Operation(
        .get, "/api/v1/snapshots/{hash}", .needs(.read), "The bytes of a picture.",
        answer: .file(ApiLimits.snapshotTypes)), to: &router
    ) { request, _ throws(ServiceError) in
      let hash = request.part("hash")
      // Bytes are named by what they are: whoever has them has the right ones.
      let tag = "\"\(hash)\""
      let known = request.headers["If-None-Match"]?.split(separator: ",").contains {
        $0.filter { $0 != " " } == tag
      }
      let file = try await node.snapshot(hash)
      var response =
        known == true ? Response(status: 304) : Response(body: file.content)
      if known != true { response.headers["Content-Type"] = file.mediaType }
      response.headers["ETag"] = tag
      response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
      response.headers["X-Content-Type-Options"] = "nosniff"
      return response
    }
  }

  private static func snapshotsLimit(_ query: inout QueryReader) throws(ServiceError) -> Int {
    let limit = try query.number("limit", in: 1...ApiLimits.snapshotsMax) ?? 100
    try query.finish()
    return limit
  }
}
