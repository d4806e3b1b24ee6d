import Testing
import Web

@Suite("Header fields, queries and escapes") struct HeadersTests {
  @Test("names are compared without case and the first value counts") func lookup() {
    var headers: Headers = ["Content-Type": "text/plain", "content-type": "other"]
    #expect(headers["CONTENT-TYPE"] == "text/plain")
    headers["content-TYPE"] = "application/json"
    #expect(headers.fields.map(\.value) == ["application/json"])
    headers["Content-Type"] = nil
    #expect(headers.fields.isEmpty)
  }

  @Test("a value with a line break and a name with a space cannot be sent") func sendable() {
    #expect(Headers.isSendable(name: "X-Name", value: "é\tok"))
    #expect(!Headers.isSendable(name: "X-Name", value: "a\r\nSet-Cookie: b"))
    #expect(!Headers.isSendable(name: "X Name", value: "a"))
    #expect(!Headers.isSendable(name: "", value: "a"))
  }

  @Test("a query is decoded and encodes to one that parses alike") func query() throws {
    let query = try #require(Query(parsing: "a=1&b=x+y%2B&c&a=2&d=%C3%A9%3D"))
    #expect(query["a"] == "1")
    #expect(query["b"] == "x y+")
    #expect(query["c"] == "")
    #expect(query["d"] == "é=")
    #expect(query["e"] == nil)
    #expect(query.items.count == 5)
    #expect(Query(parsing: Substring(query.encoded)) == query)
  }

  @Test("a torn escape and too many items are refused") func badQuery() {
    #expect(Query(parsing: "a=%4") == nil)
    #expect(Query(parsing: Substring(String(repeating: "a&", count: 65))) == nil)
  }

  @Test("every string survives escaping", arguments: ["", "/a b", "100%", "é\u{1F33F}", "-._~"])
  func escapes(text: String) {
    #expect(PercentCoding.decode(Substring(PercentCoding.encode(text))) == text)
  }

  @Test("the media type is compared without parameters and case") func mediaType() {
    let request = Request(.post, "/", headers: ["Content-Type": "Application/JSON ; charset=utf-8"])
    #expect(request.mediaType == "application/json")
    #expect(Request(.post, "/").mediaType == nil)
  }

  @Test("what a client accepts") func accepts() {
    let request = Request(.get, "/", headers: ["Accept": "text/event-stream, application/*;q=0.5"])
    #expect(request.accepts("text/event-stream"))
    #expect(request.accepts("application/json"))
    #expect(!request.accepts("text/plain"))
    #expect(Request(.get, "/").accepts("text/plain"))
  }
}
