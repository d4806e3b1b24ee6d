internal import CMicrohttpd

/// What is said to whoever speaks plain HTTP where TLS is expected, as far as that is seen when the
/// connection comes: it would see a connection that closes, and nothing else.
enum PlainAnswer {
  /// The slug of the problem, which our own client knows.
  static let slug = "sync.needs-tls"

  static let text: String = {
    let problem = Problem(
      slug, title: "TLS expected", status: 400, detail: "plain HTTP came where TLS is spoken",
      remedy: "write the address with https://", parameters: [:])
    let body: String
    do {
      body = String(decoding: try JSON.encode(problem), as: UTF8.self)
    } catch {
      body = "{}"
    }
    return "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/problem+json"
      + "\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }()

  /// Answers a connection that has just come, where it is a plain one, and ends it.
  static func answer(_ socket: Int32) {
    var answer = text
    answer.withUTF8 { bytes in
      guard let base = bytes.baseAddress else { return }
      _ = unsafe cmhd_answer_plain(socket, base, bytes.count)
    }
  }
}
