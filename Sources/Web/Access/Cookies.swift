/// The cookies that a request carries (RFC 6265).
public enum Cookies {
  /// The values of one name, in their order, few at most: another program on this machine may have
  /// set one of the same name.
  public static func values(_ name: String, in headers: Headers) -> [String] {
    var found: [String] = []
    for field in headers.values(of: "Cookie") {
      for pair in field.split(separator: ";") {
        let bare = pair.drop { $0 == " " }
        guard bare.hasPrefix(name + "="), found.count < WebLimits.cookiesMax else { continue }
        found.append(String(bare.dropFirst(name.utf8.count + 1)))
      }
    }
    return found
  }

  /// The header that sets one for this browser's session, out of reach of every script; an empty
  /// value takes it away.
  public static func setting(_ name: String, to value: String, isSecure: Bool) -> String {
    "\(name)=\(value); HttpOnly; SameSite=Strict; Path=/" + (isSecure ? "; Secure" : "")
      + (value.isEmpty ? "; Max-Age=0" : "")
  }
}
