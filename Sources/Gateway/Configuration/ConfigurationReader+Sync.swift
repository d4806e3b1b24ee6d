internal import Web

/// The `[sync]` and `[tls]` tables.
extension ConfigurationReader {
  /// Its keys. The names are what operators write: never rename.
  private enum SyncKey: String, CaseIterable {
    case listen
    case tls
    case url
    case label
    case readings
  }

  mutating func readSync(_ entry: TomlEntry, onto sync: inout Configuration.Sync) {
    guard let key = known(entry, as: SyncKey.self, in: "sync.") else { return }
    switch key {
    case .listen:
      if let addresses = outside(entry, in: "sync.", example: "0.0.0.0:8421") {
        sync.listen = addresses
      }
    case .tls:
      if let tls = boolean(entry, in: "sync.") { sync.tls = tls }
    case .url:
      guard let text = text(entry, in: "sync.") else { return }
      guard text.isEmpty || SyncUrl(text) != nil else {
        return error(
          .badAddress, entry, in: "sync.", "\"\(text)\" is no address of the web",
          "write it as http://hub.example:8421 or https://farm.example/bivouac", ["value": text])
      }
      sync.url = text
    case .label:
      guard let text = text(entry, in: "sync."), text.utf8.count <= 255 else { return }
      sync.label = text
    case .readings:
      let names = Configuration.Sync.Readings.allCases.map(\.rawValue)
      guard let text = choice(entry, among: names, in: "sync."),
        let readings = Configuration.Sync.Readings(rawValue: text)
      else { return }
      sync.readings = readings
    }
  }

  /// The keys of `[tls]`. The names are what operators write: never rename.
  private enum TlsKey: String, CaseIterable {
    case certificate
    case key
    case authorities
  }

  mutating func readTls(_ entry: TomlEntry, onto tls: inout Configuration.Tls) {
    guard let key = known(entry, as: TlsKey.self, in: "tls.") else { return }
    switch key {
    case .certificate: if let file = path(entry) { tls.certificate = file }
    case .key: if let file = path(entry) { tls.key = file }
    case .authorities: if let file = path(entry) { tls.authorities = file }
    }
  }

  private mutating func text(_ entry: TomlEntry, in prefix: String) -> String? {
    guard case .string(let text) = entry.node.value else {
      wrongType(entry, in: prefix, expected: "a text", example: "\(entry.key) = \"...\"")
      return nil
    }
    return text
  }
}
