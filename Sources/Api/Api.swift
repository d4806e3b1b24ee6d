internal import Model
public import Reactor
public import Web

/// The routes of `/api/v1`: JSON in and out, refusals as RFC 9457 problems.
///
/// It holds the node for as long as the routes are served.
@Loop public final class Api {
  let node: any NodeService
  let sites: (any SitesService)?
  let hub: (any HubService)?
  let feed: LiveFeed
  /// What every route said of itself when it was added.
  private let said = Operations()
  var operations: [Operation] { said.all }

  /// An API over a node; without `sites` it has no routes of sites, peers and bundles, without
  /// `hub` none of other sites of the same daemon.
  public init(
    node: any NodeService, sites: (any SitesService)? = nil, hub: (any HubService)? = nil
  ) {
    self.node = node
    self.sites = sites
    self.hub = hub
    feed = LiveFeed(node)
  }

  /// Adds every route.
  public func addRoutes(to router: inout Router) {
    addStatus(to: &router)
    addDevices(to: &router)
    addSnapshots(to: &router)
    addCommands(to: &router)
    addQuestions(to: &router)
    addReadings(to: &router)
    addFacts(to: &router)
    addRetention(to: &router)
    addAlarms(to: &router)
    addClocks(to: &router)
    addSeries(to: &router)
    addEvents(to: &router)
    addSimulated(to: &router)
    addMetrics(to: &router)
    addSessions(to: &router)
    addAccess(to: &router)
    if let sites { addSites(sites, to: &router) }
    if let hub { addHub(hub, to: &router) }
    addDocument(to: &router)
  }

  /// Adds one route with what it says of itself.
  ///
  /// What the work throws becomes the problem that is sent. An operation without query parameters
  /// refuses all; the others call `finish` when they have read theirs.
  func add(
    _ operation: Operation, to router: inout Router,
    work:
      @escaping @Loop @Sendable (Request, inout QueryReader) async throws(ServiceError) ->
      Response
  ) {
    said.all.append(operation)
    let takesQuery = operation.parameters.contains { $0.place == .query }
    let handler: Handler = { request in
      var query = QueryReader(request.query)
      do throws(ServiceError) {
        if !takesQuery { try query.finish() }
        return try await work(request, &query)
      } catch {
        return .refusal(error)
      }
    }
    if case .upgrade = operation.answer {
      // No body and no media type: the request only asks to leave HTTP.
      router.add(
        operation.method, operation.pattern, access: operation.access, mediaTypes: [],
        bodyBytesMax: 0, handler: handler)
    } else {
      router.add(
        operation.method, operation.pattern, access: operation.access,
        mediaTypes: operation.mediaTypes, bodyBytesMax: operation.bodyBytesMax, handler: handler)
    }
  }

  /// Instead of every route: whatever is asked, this is the answer.
  public static func refuseEverything(
    _ error: ServiceError, in router: inout Router, access: RouteAccess = .localOnly
  ) {
    for method in [Method.get, .post, .put, .delete] {
      router.add(method, "/{any...}", access: access, mediaTypes: []) { _ in .refusal(error) }
    }
  }

  private func addStatus(to router: inout Router) {
    let (node, hub) = (node, hub)
    add(
      Operation(
        .get, "/api/v1/status", .needs(.read), "The daemon's health.",
        answer: .json(StatusView.self)),
      to: &router
    ) { request, _ in
      var status = await node.status()
      if request.caller?.isLocal == true {
        status.access?.claimCode = node.access.claimCode
        if let hub, hub.metricsLabel != nil { status.sites = hub.sites(for: request).sites }
      }
      return .json { [status] in status.write(to: &$0) }
    }
  }

  private func addDocument(to router: inout Router) {
    let (node, said) = (node, said)
    add(
      Operation(
        .get, "/api/v1/openapi.json", .needs(.read), "This document.",
        answer: .text(mediaType: "application/json")
      ), to: &router
    ) { _, _ in
      let (operations, version) = (said.all, await node.status().version)
      // Tens of milliseconds of work, which grow with the routes: none of the loop's.
      return await Task.detached {
        .json(OpenApiDocument(operations).tree(version: version))
      }.value
    }
  }
}

/// The operations of an API, for its routes to tell of when they are all there.
@Loop private final class Operations {
  var all: [Operation] = []
}

extension Response {
  /// A refusal as `application/problem+json`.
  public static func refusal(_ error: ServiceError) -> Response {
    let problem = ApiProblem(error)
    var response = Response.json(problem, status: problem.status)
    response.headers["Content-Type"] = "application/problem+json"
    if let seconds = error.parameters["seconds"], [429, 503].contains(error.status) {
      response.headers["Retry-After"] = seconds
    }
    return response
  }
}

extension Request {
  /// Who asks, as it is written into the journal: `local:1000` for a user of this machine,
  /// `user:ada` for one who has signed in, `token:Grafana` for a program.
  var author: String { caller?.author ?? "unknown" }

  /// A part of the path; the router has seen to it that it is there.
  func part(_ name: String) -> String { parameters[name] ?? "" }

  /// The body as a value; an empty body is an empty object.
  func content<Content: Decodable>(_ type: Content.Type) throws(ServiceError) -> Content {
    do {
      return try JSON.decode(type, from: body.isEmpty ? Array("{}".utf8) : body)
    } catch {
      throw ServiceError(
        status: 400, code: "bad-body", parameters: ["reason": error.description],
        detail: "the body cannot be used: \(error.description)",
        remedy: "send the JSON that the API describes")
    }
  }
}
