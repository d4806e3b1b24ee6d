internal import Model
public import Reactor
public import Web

/// The routes of `/api/v1`: JSON in and out, refusals as RFC 9457 problems.
///
/// It holds the node for as long as the routes are served.
@Loop public final class Api {
  let node: any NodeService
  let feed: LiveFeed

  /// An API over a node.
  public init(node: any NodeService) {
    self.node = node
    feed = LiveFeed(node)
  }

  /// Adds every route.
  public func addRoutes(to router: inout Router) {
    addDevices(to: &router)
    addCommands(to: &router)
    addQuestions(to: &router)
    addReadings(to: &router)
    addEvents(to: &router)
    addMetrics(to: &router)
    addSimulated(to: &router)
    router.get("/api/v1/status") { [node] request in
      await Self.answer(request) { query throws(ServiceError) in
        try query.finish()
        return .json(await node.status())
      }
    }
  }

  /// Instead of every route: whatever is asked, this is the answer.
  public static func refuseEverything(_ error: ServiceError, in router: inout Router) {
    for method in [Method.get, .post, .put, .delete] {
      router.add(method, "/{any...}", mediaTypes: []) { _ in .refusal(error) }
    }
  }

  /// Runs a route's work with its query; what it throws becomes the problem that is sent.
  static func answer(
    _ request: Request, _ work: @Loop (inout QueryReader) async throws(ServiceError) -> Response
  ) async -> Response {
    var query = QueryReader(request.query)
    do {
      return try await work(&query)
    } catch {
      return .refusal(error)
    }
  }
}

extension Response {
  /// A refusal as `application/problem+json`.
  static func refusal(_ error: ServiceError) -> Response {
    let problem = ApiProblem(error)
    var response = Response.json(problem, status: problem.status)
    response.headers["Content-Type"] = "application/problem+json"
    return response
  }
}

extension Request {
  /// Who asks, as it is written into the journal: `local:1000` for a user of this machine.
  var author: String {
    switch peer {
    case .local(_, let userId, _): "local:\(userId)"
    case .network(let address): "network:\(address)"
    case .unknown: "unknown"
    }
  }

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
