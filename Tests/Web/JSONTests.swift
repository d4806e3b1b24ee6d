import Testing
import Web

@Suite("JSON") struct JSONTests {
  struct Name: Codable, Equatable {
    var name: String
    var level: Int?
    var parts: [Part]?
    struct Part: Codable, Equatable { var size: Double }
  }

  @Test("keys are sorted and slashes stay") func sorted() {
    let response = Response.json(["b": "x/y", "a": "1"])
    #expect(String(decoding: response.bytes, as: UTF8.self) == "{\"a\":\"1\",\"b\":\"x/y\"}")
    #expect(response.headers["Content-Type"] == "application/json")
  }

  @Test("a number that JSON has no form for becomes a string and comes back") func notFinite()
    throws
  {
    let bytes = try JSON.encode([Double.infinity, -Double.infinity])
    #expect(String(decoding: bytes, as: UTF8.self) == "[\"Infinity\",\"-Infinity\"]")
    #expect(try JSON.decode([Double].self, from: bytes) == [.infinity, -.infinity])
  }

  @Test(
    "a body that is not what is expected is a 400 that says where",
    arguments: [
      ("{", "not JSON"), ("", "not JSON"), ("{}", "\"name\" is missing"),
      ("{\"name\":3}", "\"name\" has the wrong type"), ("{\"name\":null}", "\"name\" is null"),
      ("{\"name\":\"a\",\"parts\":[{\"size\":\"x\"}]}", "\"parts.[0].size\""),
    ]) func badBody(text: String, detail: String)
  {
    let problem = #expect(throws: Problem.self) {
      try Request(.post, "/", body: Array(text.utf8)).decode(Name.self)
    }
    #expect(problem?.status == 400)
    #expect(problem?.detail?.contains(detail) == true, "\(problem?.detail ?? "none")")
  }

  @Test("a good body is decoded") func goodBody() throws {
    let request = Request(.post, "/", body: Array("{\"name\":\"é\"}".utf8))
    #expect(try request.decode(Name.self) == Name(name: "é", level: nil))
  }

  @Test("a problem has the form of RFC 9457 and keeps its remedy") func problem() throws {
    let response = Response.problem(.notFound("no device 17", remedy: "see the list"))
    #expect(response.status == 404)
    #expect(response.headers["Content-Type"] == "application/problem+json")
    let text = String(decoding: response.bytes, as: UTF8.self)
    #expect(text.contains("\"type\":\"urn:bivouac:problem:not-found\""))
    #expect(try JSON.decode(Problem.self, from: response.bytes).remedy == "see the list")
  }
}
