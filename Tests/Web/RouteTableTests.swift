import Testing

@testable import Web

@Suite("Route table") struct RouteTableTests {
  private func table() -> RouteTable<String> {
    var table = RouteTable<String>()
    table.add(.get, PathPattern("/pages/{rest...}"), "page")
    table.add(.get, PathPattern("/devices/{id}"), "device")
    table.add(.get, PathPattern("/devices/questions"), "questions")
    table.add(.post, PathPattern("/devices/{id}"), "change")
    table.add(.post, PathPattern("/devices/{id}/commands"), "command")
    return table
  }

  private func found(_ method: Method, _ path: String) -> String? {
    guard case .found(let target, let parameters) = table().match(method, path: path) else {
      return nil
    }
    let values = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return ([target] + values).joined(separator: " ")
  }

  @Test("a parameter matches one whole segment and is decoded") func parameter() {
    #expect(found(.get, "/devices/17") == "device id=17")
    #expect(found(.get, "/devices/usb%3A1a2b%2F0") == "device id=usb:1a2b/0")
    #expect(found(.post, "/devices/17/commands") == "command id=17")
  }

  @Test("a literal wins over a parameter whatever the order of adding") func specific() {
    #expect(found(.get, "/devices/questions") == "questions")
  }

  @Test("a rest takes all that remains, even nothing") func rest() {
    #expect(found(.get, "/pages/js/app.js") == "page rest=js/app.js")
    #expect(found(.get, "/pages/") == "page rest=")
  }

  @Test(
    "an empty or missing segment is not a parameter",
    arguments: [
      "/devices/", "/devices", "/devices/17/", "/", "/devices/17/commands/1",
    ]) func notFound(path: String)
  {
    guard case .notFound = table().match(.get, path: path) else {
      Issue.record("\(path) was found")
      return
    }
  }

  @Test("a known path with another method names the methods it has") func notAllowed() {
    guard case .methodNotAllowed(let allow) = table().match(.delete, path: "/devices/17") else {
      Issue.record("not refused")
      return
    }
    #expect(allow == [.get, .head, .post])
  }

  @Test("HEAD is served by GET") func head() {
    #expect(found(.head, "/devices/17") == "device id=17")
    #expect(found(.head, "/devices/17/commands") == nil)
  }

  @Test(
    "a torn escape, bad UTF-8 or a NUL makes the path bad",
    arguments: [
      "/devices/%4", "/devices/%zz", "/devices/%ff", "/devices/%00", "devices",
    ]) func badPath(path: String)
  {
    guard case .badPath = table().match(.get, path: path) else {
      Issue.record("\(path) was taken")
      return
    }
  }
}
