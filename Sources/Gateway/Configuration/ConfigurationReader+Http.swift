internal import Web

/// The `[http]` table.
extension ConfigurationReader {
  /// Its keys. The names are what operators write: never rename.
  private enum HttpKey: String, CaseIterable {
    case listen
    case https
    case names
    case web
    case libraries
  }

  mutating func readHttp(_ entry: TomlEntry, onto http: inout Configuration.Http) {
    guard let key = known(entry, as: HttpKey.self, in: "http.") else { return }
    switch key {
    case .listen:
      if let texts = texts(entry, countMax: ConfigurationLimits.addressesMax) {
        http.listen = texts.compactMap { address($0, entry) }
      }
    case .https:
      if let addresses = outside(entry, in: "http.", example: "0.0.0.0:8443") {
        http.https = addresses
      }
    case .names:
      if let texts = texts(entry, countMax: ConfigurationLimits.namesMax) {
        http.names = texts.compactMap { name($0, entry) }
      }
    case .web:
      if let folder = path(entry) { http.web = folder }
    case .libraries:
      if let folder = path(entry) { http.libraries = folder }
    }
  }

  /// An address that cannot be used is left out; the others are still listened on.
  private mutating func address(_ text: String, _ entry: TomlEntry) -> LoopbackAddress? {
    do throws(LoopbackAddress.Failure) {
      return try LoopbackAddress(text)
    } catch {
      switch error {
      case .malformed:
        self.error(
          .badAddress, entry, in: "http.", "\"\(text)\" is no address with a port",
          "write it as 127.0.0.1:8420 or [::1]:8420", ["value": text])
      case .notLoopback:
        self.error(
          .notLoopback, entry, in: "http.",
          "\(text) is not an address of this machine alone: without a login it is not listened on",
          "use 127.0.0.1 or [::1], and reach it from elsewhere through ssh -L or a proxy that asks"
            + " who comes", ["value": text])
      }
      return nil
    }
  }

  /// Addresses that other machines may reach; one that is none is left out.
  mutating func outside(
    _ entry: TomlEntry, in prefix: String, example: String
  ) -> [InternetAddress]? {
    texts(entry, countMax: ConfigurationLimits.addressesMax, in: prefix)?.compactMap { text in
      if let address = InternetAddress(text) { return address }
      error(
        .badAddress, entry, in: prefix, "\"\(text)\" is no address with a port",
        "write it as \(example), or as an address of this machine", ["value": text])
      return nil
    }
  }

  private mutating func name(_ text: String, _ entry: TomlEntry) -> String? {
    let isName = text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: true
      default: false
      }
    }
    guard isName, !text.isEmpty, text.utf8.count <= 253 else {
      error(
        .badName, entry, in: "http.", "\"\(text)\" is no name of a host",
        "write the name alone, without a scheme and a port", ["value": text])
      return nil
    }
    return text
  }

  mutating func texts(
    _ entry: TomlEntry, countMax: Int, in prefix: String = "http."
  ) -> [String]? {
    guard case .array(let nodes) = entry.node.value else {
      wrongType(
        entry, in: prefix, expected: "a list of texts", example: "\(entry.key) = [\"...\"]")
      return nil
    }
    guard nodes.count <= countMax else {
      error(
        .tooMany, entry, in: prefix, "more than \(countMax) entries are there", "remove some",
        ["max": "\(countMax)"])
      return nil
    }
    var texts: [String] = []
    for node in nodes {
      guard case .string(let text) = node.value else {
        wrongType(
          entry, in: prefix, expected: "a list of texts", example: "\(entry.key) = [\"...\"]")
        return nil
      }
      texts.append(text)
    }
    return texts
  }
}
