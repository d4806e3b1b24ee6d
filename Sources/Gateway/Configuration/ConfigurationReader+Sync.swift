internal import Web

/// The `[sync]` table.
extension ConfigurationReader {
  /// Its keys. The names are what operators write: never rename.
  private enum SyncKey: String, CaseIterable {
    case listen
    case url
    case label
    case readings
  }

  mutating func readSync(_ entry: TomlEntry, onto sync: inout Configuration.Sync) {
    guard let key = known(entry, as: SyncKey.self, in: "sync.") else { return }
    switch key {
    case .listen:
      guard
        let texts = texts(entry, countMax: ConfigurationLimits.addressesMax, in: "sync.")
      else { return }
      sync.listen = texts.compactMap { text in
        if let address = InternetAddress(text) { return address }
        error(
          .badAddress, entry, in: "sync.", "\"\(text)\" is no address with a port",
          "write it as 0.0.0.0:8421, or as an address of this machine", ["value": text])
        return nil
      }
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

  private mutating func text(_ entry: TomlEntry, in prefix: String) -> String? {
    guard case .string(let text) = entry.node.value else {
      wrongType(entry, in: prefix, expected: "a text", example: "\(entry.key) = \"...\"")
      return nil
    }
    return text
  }
}
