import Glibc
import Reactor
import Testing

@testable import Web

@Suite("Static files") struct StaticFilesTests {
  init() { EventLoop.shared.start() }

  /// A folder with these files, made anew; the test's process owns it.
  private func folder(_ files: [(String, String)]) throws -> String {
    var template = Array(
      "\(System.environment("TMPDIR") ?? String(P_tmpdir))/bivouac-static-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) } != nil
    }
    try #require(made)
    let root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    for (name, text) in files {
      var path = root
      for part in name.split(separator: "/").dropLast() {
        path += "/" + part
        _ = unsafe mkdir(path, 0o755)
      }
      try System.writeFile(root + "/" + name, Array(text.utf8))
    }
    return root
  }

  @Loop private func ask(
    _ files: StaticFiles, _ path: String, _ method: Method = .get, _ headers: Headers = Headers()
  ) async -> Response {
    var router = Router()
    files.addRoutes(to: &router)
    return await router.respond(to: Request(method, path, headers: headers))
  }

  @Test("a file is served under its path, with its type and what keeps it safe")
  @Loop func served() async throws {
    let root = try folder([("index.html", "<p>"), ("app.js", "1"), ("words/fr.json", "{}")])
    var files = StaticFiles()
    files.add(folder: root, at: "/")
    files.add(file: root + "/index.html", at: "/")
    let page = await ask(files, "/")
    #expect(page.bytes == Array("<p>".utf8))
    #expect(page.headers["Content-Type"] == "text/html; charset=utf-8")
    #expect(page.headers["X-Content-Type-Options"] == "nosniff")
    let policy = try #require(page.headers["Content-Security-Policy"])
    #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self';"))
    #expect(!policy.contains("unsafe"))
    #expect(await ask(files, "/app.js").headers["Content-Type"] == "text/javascript; charset=utf-8")
    #expect(await ask(files, "/words/fr.json").headers["Content-Type"] == "application/json")
  }

  @Test(
    "nothing else is, whatever the path says",
    arguments: [
      "/../secret.html", "/%2e%2e/secret.html", "/words/../index.html", "//index.html",
      "/words", "/words/", "/.hidden.html", "/notes.txt", "/index.html/", "/INDEX.HTML",
    ])
  @Loop func notServed(path: String) async throws {
    let root = try folder([
      ("public/index.html", "<p>"), ("public/.hidden.html", "x"), ("public/notes.txt", "x"),
      ("public/words/fr.json", "{}"), ("secret.html", "secret"),
    ])
    var files = StaticFiles()
    files.add(folder: root + "/public", at: "/")
    let answer = await ask(files, path)
    #expect(answer.status == 404 || answer.status == 400)
  }

  @Test("what a browser has already is not sent again") @Loop func unchanged() async throws {
    var files = StaticFiles()
    files.add(folder: try folder([("app.js", "1")]), at: "/")
    let tag = try #require(await ask(files, "/app.js").headers["ETag"])
    for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
      let answer = await ask(files, "/app.js", .get, ["If-None-Match": known])
      #expect(answer.status == 304 && answer.bytes.isEmpty, "\(known)")
      #expect(answer.headers["ETag"] == tag)
    }
    #expect(await ask(files, "/app.js", .get, ["If-None-Match": "\"x\""]).status == 200)
    var changed = StaticFiles()
    changed.add(folder: try folder([("app.js", "2")]), at: "/")
    #expect(await ask(changed, "/app.js").headers["ETag"] != tag)
  }

  @Test("a folder that is not there has no files") func missing() {
    var files = StaticFiles()
    files.add(folder: "/nowhere/at/all", at: "/")
    #expect(!files.contains("/") && files.files.isEmpty)
    let isAdded = files.add(file: "/nowhere/x.js", at: "/x.js")
    #expect(!isAdded)
  }

  @Test("where a page is missing, its place says why, as safely as the page") @Loop
  func instead() async throws {
    var router = Router()
    StaticFiles.addRoute(to: &router, insteadOf: "/", saying: "not <here>")
    let answer = await router.respond(to: Request(.get, "/"))
    #expect(answer.status == 503)
    #expect(answer.bytes == Array("not <here>\n".utf8))
    #expect(answer.headers["Content-Type"] == "text/plain; charset=utf-8")
    #expect(answer.headers["Content-Security-Policy"] == StaticFiles.contentPolicy)
  }
}
