internal import Model
internal import Reactor

/// Further routers below a path: `/site/{name}/...` is answered by the router of that name as if
/// the rest of the path were all of it. Each has its own routes and its own gatekeeper.
extension Router {
  struct Mount: Sendable {
    /// `/site/`.
    let prefix: String
    let find: @Loop @Sendable (String) -> Router
  }

  /// Serves `find(name)` below `prefix/name/`; `find` answers for every name, also for unknown
  /// ones, since only it knows why there is nothing.
  ///
  /// A request keeps its whole path; only routes see the rest. What is mounted mounts nothing more.
  public mutating func mount(
    under prefix: String, find: @escaping @Loop @Sendable (String) -> Router
  ) {
    precondition(prefix.hasPrefix("/") && !prefix.hasSuffix("/"), "no prefix: \(prefix)")
    mounted = Mount(prefix: prefix + "/", find: find)
  }

  /// The router that a path belongs to, and what is left of the path for it; nil for this one's
  /// own.
  @Loop func inner(of path: String) -> (router: Router, path: String)? {
    guard let mounted, path.hasPrefix(mounted.prefix) else { return nil }
    let rest = path.dropFirst(mounted.prefix.count)
    guard let slash = rest.firstIndex(of: "/") else { return nil }
    return (mounted.find(String(rest[..<slash])).unmounted, String(rest[slash...]))
  }

  /// Where a path names what is mounted without the slash at its end: relative addresses of a page
  /// would lead beside it. The answer is relative too, for a proxy may have put us anywhere.
  func redirection(of head: Request) -> Response? {
    guard let mounted, head.path.hasPrefix(mounted.prefix),
      head.method == .get || head.method == .head
    else { return nil }
    let name = String(head.path.dropFirst(mounted.prefix.count))
    // Anything else could be read as an address of somebody else: `https:evil.example`.
    guard SitePlace.isValid(name) else { return nil }
    return Response(status: 308, headers: ["Location": "\(name)/", "Cache-Control": "no-store"])
  }

  private var unmounted: Router {
    guard mounted != nil else { return self }
    var router = self
    router.mounted = nil
    return router
  }
}
