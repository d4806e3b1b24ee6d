internal import Model

/// Decides from the head of a request alone whether its route may be used.
enum AccessJudge {
  /// The header that carries a session's secret, which no foreign page knows.
  static let csrfHeader = "X-Bivouac-CSRF"

  /// What becomes of a request.
  enum Verdict: Hashable {
    /// It goes on, as somebody's or nobody's.
    case admitted(Caller?)
    case refused(Problem)
  }

  static func judge(_ access: RouteAccess, _ head: Request, _ caller: Caller?) -> Verdict {
    switch access {
    case .open:
      // A change that a foreign page may have caused is nobody's.
      return .admitted(caller.flatMap { isOwnChange(head, $0) ? $0 : nil })
    case .localOnly:
      return caller?.isLocal == true ? .admitted(caller) : .refused(localOnly)
    case .needs(let permission):
      guard let caller else { return .refused(unauthenticated) }
      guard isOwnChange(head, caller) else { return .refused(.foreignChange) }
      guard caller.permissions.contains(permission) else {
        return .refused(forbidden(permission, caller.permissions))
      }
      return .admitted(caller)
    }
  }

  /// Whether nobody else's page can have made a request: it changes nothing, or it carries what
  /// only our own page was told. A browser adds cookies by itself, and nothing else.
  private static func isOwnChange(_ head: Request, _ caller: Caller) -> Bool {
    guard case .user(_, _, let session) = caller.who, head.method != .get, head.method != .head
    else { return true }
    let carried = head.headers.values(of: csrfHeader)
    guard carried.count == 1, carried[0].utf8.count == session.csrf.utf8.count else {
      return false
    }
    // In the same time wherever they differ.
    return zip(carried[0].utf8, session.csrf.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private static let unauthenticated = Problem(
    "unauthenticated", title: "Not signed in", status: 401,
    detail: "this needs somebody who has signed in, or a token",
    remedy: "sign in on the page, or send Authorization: Bearer with a token; \"bivouac token"
      + " create\" makes one", parameters: [:])

  private static let localOnly = Problem(
    "local-only", title: "Not permitted", status: 403,
    detail: "this is only for programs of the daemon's own machine, over its unix socket",
    remedy: "run it there", parameters: [:])

  private static func forbidden(_ needed: Permission, _ had: Permissions) -> Problem {
    Problem(
      "forbidden", title: "Not permitted", status: 403,
      detail: "this needs the permission \(needed.rawValue), and you have"
        + " \(had.isEmpty ? "none" : had.text)",
      remedy: "ask an administrator", parameters: ["needs": needed.rawValue, "has": had.text])
  }
}

extension Problem {
  /// A change that came with a cookie and without the secret of its session (403).
  public static let foreignChange = Problem(
    "csrf", title: "Not permitted", status: 403,
    detail: "a change that comes with a session's cookie must carry its secret in X-Bivouac-CSRF",
    remedy: "reload the page, and try again", parameters: [:])
}
