internal import Glibc
internal import Reactor

/// Files that are served as they are: read once, kept in memory, found by their exact path.
///
/// No request ever opens a file: what is not in the table is not there, whatever its path says.
public struct StaticFiles: Sendable {
  /// One file as it is served.
  struct File: Sendable {
    let mediaType: String
    let entityTag: String
    let bytes: [UInt8]
  }

  private(set) var files: [String: File] = [:]
  private var bytes = 0

  /// Starts without files.
  public init() {}

  /// Whether something is served under a path.
  public func contains(_ path: String) -> Bool { files[path] != nil }

  /// Adds what stands in a folder and its folders, under a path that ends in a slash. Hidden files
  /// and files of types that are not known are left out; so is what is over the bounds of
  /// `WebLimits`.
  public mutating func add(folder: String, at path: String, depth: Int = 0) {
    for name in Self.names(in: folder) {
      let file = folder + "/" + name
      if System.isFolder(file) {
        if depth < WebLimits.staticDepthMax {
          add(folder: file, at: path + name + "/", depth: depth + 1)
        }
      } else {
        add(file: file, at: path + name)
      }
    }
  }

  /// Adds one file under an exact path; false when it cannot be read or is of no known type.
  @discardableResult
  public mutating func add(file: String, at path: String) -> Bool {
    guard let mediaType = Self.mediaType(of: file), files.count < WebLimits.staticFilesMax else {
      return false
    }
    do throws(Errno) {
      let content = try System.readFile(file, bytesMax: WebLimits.staticBytesMax - bytes)
      bytes += content.count
      files[path] = File(
        mediaType: mediaType, entityTag: Self.entityTag(of: content), bytes: content)
      return true
    } catch {
      return false
    }
  }

  /// Adds a route for every file.
  public func addRoutes(to router: inout Router) {
    for (path, file) in files {
      router.get(path, access: .open) { request in Self.answer(request, file) }
    }
  }

  /// Puts a page of plain text, which says why there is none, where the page would be.
  public static func addRoute(to router: inout Router, insteadOf path: String, saying text: String)
  {
    router.get(path, access: .open) { _ in
      var headers = safeHeaders
      headers["Content-Type"] = "text/plain; charset=utf-8"
      headers["Cache-Control"] = "no-store"
      return Response(status: 503, headers: headers, body: Array((text + "\n").utf8))
    }
  }

  private static func answer(_ request: Request, _ file: File) -> Response {
    var headers = safeHeaders
    headers["ETag"] = file.entityTag
    headers["Cache-Control"] = "no-cache"
    let known = request.headers["If-None-Match"]?.split(separator: ",").map {
      $0.filter { $0 != " " }
    }
    if let known, known.contains("*") || known.contains(where: { matches($0, file.entityTag) }) {
      return Response(status: 304, headers: headers)
    }
    headers["Content-Type"] = file.mediaType
    return Response(headers: headers, body: file.bytes)
  }

  /// What every file says to a browser, whatever it is.
  private static let safeHeaders: Headers = [
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": contentPolicy,
  ]

  /// `W/` does not count here (RFC 9110 section 13.1.2), and proxies that compress add it.
  private static func matches(_ tag: String, _ entityTag: String) -> Bool {
    (tag.hasPrefix("W/") ? String(tag.dropFirst(2)) : tag) == entityTag
  }

  /// Scripts and styles of our own files only, and nobody may frame us.
  static let contentPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    + " connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none';"
    + " form-action 'none'; frame-ancestors 'none'"

  /// FNV-1a, 64 bits (RFC 9923): it only has to differ when the file does.
  private static func entityTag(of bytes: [UInt8]) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return "\"\(String(hash, radix: 16))\""
  }

  private static func mediaType(of file: String) -> String? {
    guard let dot = file.lastIndex(of: ".") else { return nil }
    return switch file[file.index(after: dot)...] {
    case "html": "text/html; charset=utf-8"
    case "css": "text/css; charset=utf-8"
    case "js": "text/javascript; charset=utf-8"
    case "json": "application/json"
    case "svg": "image/svg+xml"
    case "png": "image/png"
    case "ico": "image/vnd.microsoft.icon"
    case "webmanifest": "application/manifest+json"
    case "woff2": "font/woff2"
    default: nil
    }
  }

  /// The names in a folder in the order of their bytes, without hidden ones.
  private static func names(in folder: String) -> [String] {
    guard let stream = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while names.count < WebLimits.staticFilesMax, let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
