internal import Model
internal import Reactor

/// Answers one request; runs on the loop and may wait, never block.
///
/// A problem that it throws is the answer. It is cancelled when the client leaves or the server
/// stops; its answer is then dropped.
public typealias Handler = @Loop @Sendable (Request) async throws(Problem) -> Response

/// Which handler answers which method and path, and what it accepts.
public struct Router: Sendable {
  struct Route: Sendable {
    let access: RouteAccess
    let mediaTypes: [String]
    let bodyBytesMax: Int
    /// What the head alone is refused with, before anything of a body is taken; nil to go on.
    let refusal: (@Loop @Sendable (Request) -> Response?)?
    /// Takes a request whose body was cut, as far as it came; nil where it is thrown away.
    let cut: (@Loop @Sendable (Request) async -> Void)?
    let handler: Handler

    @Loop func answer(_ request: Request) async -> Response {
      do {
        return try await handler(request)
      } catch {
        return .problem(error)
      }
    }
  }

  /// What the head of a request alone decides.
  enum Verdict: Sendable {
    case serve(Route, parameters: [String: String], caller: Caller?)
    case answer(Response)
  }

  private var table = RouteTable<Route>()
  private var documented: [(method: Method, pattern: String, access: RouteAccess)] = []
  private let gatekeeper: (any Gatekeeper)?
  /// What is served below a path of its own; nil for nothing.
  var mounted: Mount?

  /// Starts without routes: everything is 404. Without a gatekeeper nobody but processes of this
  /// machine is known.
  public init(gatekeeper: (any Gatekeeper)? = nil) { self.gatekeeper = gatekeeper }

  /// Adds a route; two routes for one method and pattern are our own mistake and stop the process.
  ///
  /// The pattern's `{name}` parts match one segment, a last `{name...}` all that remains. A body
  /// must be of one of the media types (an empty list accepts all) and at most `bodyBytesMax`.
  /// The type is asked even of an empty POST: no form of a foreign page can send it.
  /// Where a connection breaks within a body, `cut` is given what came of it: nobody is answered.
  public mutating func add(
    _ method: Method, _ pattern: String, access: RouteAccess,
    mediaTypes: [String] = ["application/json"], bodyBytesMax: Int = WebLimits.bodyBytesMax,
    refusal: (@Loop @Sendable (Request) -> Response?)? = nil,
    cut: (@Loop @Sendable (Request) async -> Void)? = nil, handler: @escaping Handler
  ) {
    let route = Route(
      access: access, mediaTypes: mediaTypes, bodyBytesMax: bodyBytesMax, refusal: refusal,
      cut: cut, handler: handler)
    table.add(method, PathPattern(pattern), route)
    documented.append((method, pattern, access))
  }

  /// Adds a route for `GET` (and `HEAD`).
  public mutating func get(
    _ pattern: String, access: RouteAccess, handler: @escaping Handler
  ) {
    add(.get, pattern, access: access, handler: handler)
  }

  /// Adds a route for `POST` with a JSON body.
  public mutating func post(
    _ pattern: String, access: RouteAccess, handler: @escaping Handler
  ) {
    add(.post, pattern, access: access, handler: handler)
  }

  /// Adds a route for `PUT` with a JSON body.
  public mutating func put(
    _ pattern: String, access: RouteAccess, handler: @escaping Handler
  ) {
    add(.put, pattern, access: access, handler: handler)
  }

  /// Adds a route for `DELETE`.
  public mutating func delete(
    _ pattern: String, access: RouteAccess, handler: @escaping Handler
  ) {
    add(.delete, pattern, access: access, handler: handler)
  }

  /// Every method and pattern with what it needs, in the order of adding.
  public var routes: [(method: Method, pattern: String, access: RouteAccess)] { documented }

  /// Answers a request without a server: for tests of routes, and for one route calling another.
  @Loop public func respond(to request: Request) async -> Response {
    switch judge(request) {
    case .answer(let response):
      return response
    case .serve(let route, let parameters, let caller):
      guard request.body.count <= route.bodyBytesMax else {
        return .problem(.bodyTooLarge(bytesMax: route.bodyBytesMax))
      }
      var request = request
      request.parameters = parameters
      request.caller = caller
      return await route.answer(request)
    }
  }

  /// Judges a request before its body is there.
  @Loop func judge(_ head: Request) -> Verdict {
    if let inner = inner(of: head.path) {
      var head = head
      head.path = inner.path
      return inner.router.judge(head)
    }
    if let redirection = redirection(of: head) { return .answer(redirection) }
    switch table.match(head.method, path: head.path) {
    case .badPath:
      return .answer(.problem(.badRequest("the path is not valid: \(head.path)")))
    case .notFound:
      return .answer(.problem(.notFound("nothing is at \(head.path)")))
    case .methodNotAllowed(let allow):
      let allowed = (allow + [.options]).map(\.rawValue).joined(separator: ", ")
      var response =
        head.method == .options
        ? Response.noContent : .problem(.methodNotAllowed(head.method, allow: allow))
      response.headers["Allow"] = allowed
      return .answer(response)
    case .found(let route, let parameters):
      let caller: Caller?
      switch judge(head, for: route.access) {
      case .refused(let problem): return .answer(.refusal(problem))
      case .admitted(let found): caller = found
      }
      if let refusal = route.refusal {
        var head = head
        head.parameters = parameters
        if let refused = refusal(head) { return .answer(refused) }
      }
      let mediaType = head.mediaType
      if head.method.carriesBody, !route.mediaTypes.isEmpty,
        !route.mediaTypes.contains(where: { $0 == mediaType })
      {
        return .answer(.problem(.unsupportedMediaType(mediaType, accepted: route.mediaTypes)))
      }
      return .serve(route, parameters: parameters, caller: caller)
    }
  }

  /// Whether a request may use what needs so much: asked before anything else of it is looked at,
  /// and again while its answer lasts.
  @Loop func judge(_ head: Request, for access: RouteAccess) -> AccessJudge.Verdict {
    if let inner = inner(of: head.path) {
      var head = head
      head.path = inner.path
      return inner.router.judge(head, for: access)
    }
    let caller: Caller?
    if case .local(_, let userId, _) = head.peer {
      caller = Caller(.local(userId: userId), permissions: .all)
    } else {
      caller = gatekeeper?.caller(of: head)
    }
    return AccessJudge.judge(access, head, caller)
  }
}

extension Response {
  /// A request that may not use its route.
  fileprivate static func refusal(_ problem: Problem) -> Response {
    var response = Response.problem(problem)
    // RFC 9110 section 15.5.2: what would help.
    if problem.status == 401 { response.headers["WWW-Authenticate"] = "Bearer" }
    return response
  }
}
