internal import Api

/// Why a pairing, or what came before it, did not come about.
extension SiteDesk {
  static func badArgument(_ name: String) -> ServiceError {
    ServiceError(
      status: 422, code: "bad-argument", parameters: ["argument": name],
      detail: "\(name) is not what it may be", remedy: "see bivouac peers --help")
  }

  static func badUrl(_ url: String) -> ServiceError {
    ServiceError(
      status: 422, code: "peer.bad-url", parameters: ["url": url],
      detail: "\"\(url)\" is no address of a node",
      remedy: "write it as http://hub.example:8421 or https://farm.example/bivouac")
  }

  static func badPin(_ pin: String) -> ServiceError {
    ServiceError(
      status: 422, code: "peer.bad-pin", parameters: ["pin": pin],
      detail: "\"\(pin)\" pins no key, or the address is not https",
      remedy: "give an https:// address, and the pin as bivouac sync shows it on the other node:"
        + " sha256// and 44 characters")
  }

  /// A pairing that was refused, or did not reach anybody.
  static func refusal(_ code: String, url: String = "", reason: String = "") -> ServiceError {
    let (status, detail, remedy) = words(code, url, reason)
    var parameters: [String: String] = [:]
    if !url.isEmpty { parameters = ["url": url, "reason": reason] }
    return ServiceError(
      status: status, code: "pairing." + code, parameters: parameters, detail: detail,
      remedy: remedy)
  }

  private static func words(
    _ code: String, _ url: String, _ reason: String
  ) -> (Int, detail: String, remedy: String) {
    switch code {
    case "wrong-key":
      (422, "the two nodes do not hold the same key", "type the key again, or invite anew")
    case "used":
      (
        409, "this invitation was used as often as it may be, or a wrong key was tried too often",
        "invite anew on the other node"
      )
    case "expired":
      (409, "this invitation's time is over", "invite anew on the other node")
    case "wrong-site":
      (
        409, "the other node is of another site",
        "take the invitation of a node of this site; a node belongs to one site"
      )
    case "reflected":
      (409, "this node has called itself", "give the address of the other node")
    case "membership":
      (
        403, "the other node may not make members, or belongs to no site",
        "invite on a node that may grant: bivouac peers list shows which"
      )
    case "wrong-pin":
      (
        502, "\(url) shows another key than the one that the invitation pins",
        "either that node got a new certificate: invite anew on it, or see the pin that its bivouac"
          + " sync shows and give it with --pin; or somebody stands in between: then do not"
      )
    case "untrusted":
      (
        502, "no authority that this node knows vouches for the certificate of \(url)",
        "take the whole link that bivouac peers invite shows there, which pins the certificate, or"
          + " set authorities under [tls]; is this node's clock right?"
      )
    case "no-tls":
      (
        502, "\(url) does not speak TLS",
        "write http:// there, or set tls = true under [sync] on the other node"
      )
    case "needs-tls":
      (
        502, "\(url) speaks TLS, and was asked without",
        "write https://, best the whole link that bivouac peers invite shows there"
      )
    case "unreachable":
      (
        502, "\(url) does not answer (\(reason))",
        "see whether it is on, whether [sync] listen is set there, and whether a firewall or a"
          + " proxy stands between"
      )
    case "busy":
      (409, "a pairing is under way already", "wait until it is over")
    default:
      (
        502, "what the other node answers is no pairing",
        "see whether the address is that of a Bivouac node of the same version"
      )
    }
  }
}
