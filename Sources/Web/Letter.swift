internal import CCurl

/// One thing to be told to somebody over the network, by a POST or by mail.
///
/// It is told by a process of its own (`Letter.tell` blocks, resolves names and loads libcurl), to
/// which it comes as JSON over a pipe: it may hold a password.
public struct Letter: Codable, Sendable, Equatable {
  /// What a mail needs besides.
  public struct Mail: Codable, Sendable, Equatable {
    /// Whose it is.
    public var from: String
    /// Whom it is for.
    public var to: String
    /// Who signs in to the server; nil for nobody.
    public var user: String?
    /// With what.
    public var password: String?
    /// Whether the server has to speak TLS.
    public var isTlsRequired: Bool

    /// Puts it together.
    public init(from: String, to: String, user: String?, password: String?, isTlsRequired: Bool) {
      self.from = from
      self.to = to
      self.user = user
      self.password = password
      self.isTlsRequired = isTlsRequired
    }
  }

  /// Where to: http, https, smtp or smtps.
  public var url: String
  /// What is said.
  public var body: String
  /// Lines of the head of a POST.
  public var headers: [String] = []
  /// For a mail; nil for a POST.
  public var mail: Mail?
  /// A file of authorities to trust instead of the system's.
  public var authorities: String?
  /// How long it may take, in ms.
  public var timeoutMs: Int = WebLimits.letterTimeoutMs

  /// A letter to an address.
  public init(to url: String, _ body: String) {
    self.url = url
    self.body = body
  }

  /// What became of it.
  public struct Outcome: Codable, Sendable, Equatable {
    /// What became of it.
    public enum Kind: String, Codable, Sendable {
      /// The other side took it.
      case delivered
      /// Nobody answered.
      case unreached
      /// Somebody answered, and did not take it.
      case refused
    }

    /// What became of it.
    public var kind: Kind
    /// The last status of HTTP or SMTP; 0 when none came.
    public var status: Int
    /// libcurl's words for what failed; empty when nothing did.
    public var words: String

    /// Puts it together.
    public init(kind: Kind, status: Int, words: String) {
      self.kind = kind
      self.status = status
      self.words = words
    }
  }

  /// Tells it and waits for as long as it takes.
  public func tell() -> Outcome {
    if let reason = unsafe ccurl_load() {
      return Outcome(kind: .unreached, status: 0, words: unsafe String(cString: reason))
    }
    var list: UnsafeMutablePointer<curl_slist>?
    for line in headers { unsafe list = ccurl_list_append(list, line) }
    defer { unsafe ccurl_list_free(list) }
    var status = 0
    let code = unsafe url.withCString { url in
      unsafe Array(body.utf8).withUnsafeBytes { bytes in
        unsafe Self.withText(mail?.from) { from in
          unsafe Self.withText(mail?.to) { to in
            unsafe Self.withText(mail?.user) { user in
              unsafe Self.withText(mail?.password) { password in
                unsafe Self.withText(authorities) { authorities in
                  var letter = unsafe ccurl_letter(
                    url: url, body: bytes.baseAddress ?? UnsafeRawPointer(url),
                    body_bytes: bytes.count, headers: list, mail_from: from, mail_to: to,
                    user: user, password: password, ca_file: authorities,
                    tls_required: mail?.isTlsRequired == false ? 0 : 1, timeout_ms: timeoutMs)
                  return unsafe ccurl_tell(&letter, &status)
                }
              }
            }
          }
        }
      }
    }
    return outcome(code, status)
  }

  private func outcome(_ code: CURLcode, _ status: Int) -> Outcome {
    guard code == CURLE_OK else {
      let words = unsafe String(cString: ccurl_words(code))
      // A certificate that is not trusted, a login or an address that is refused: somebody answers.
      let isAnswered = status >= 400 || Self.answers.contains(code)
      return Outcome(kind: isAnswered ? .refused : .unreached, status: status, words: words)
    }
    guard mail == nil, !(200..<300).contains(status) else {
      return Outcome(kind: .delivered, status: status, words: "")
    }
    let isPassing = [408, 425, 429].contains(status) || (500..<600).contains(status)
    return Outcome(
      kind: isPassing ? .unreached : .refused, status: status,
      words: "the answer was \(status)")
  }

  private static let answers = [
    CURLE_PEER_FAILED_VERIFICATION, CURLE_LOGIN_DENIED, CURLE_USE_SSL_FAILED,
    CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_SSL_CACERT_BADFILE,
  ]

  private static func withText<R>(
    _ text: String?, _ body: (UnsafePointer<CChar>?) -> R
  ) -> R {
    guard let text else { return body(nil) }
    return unsafe text.withCString { unsafe body($0) }
  }
}
