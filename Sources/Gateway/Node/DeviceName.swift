internal import Api
internal import Model

/// Finds the device that a person or a program means.
enum DeviceName {
  /// One device and what it may be called.
  struct Entry {
    /// The device.
    var identity: DeviceIdentity
    /// The name that a person gave; empty when nobody did.
    var name: String
  }

  /// Finds by the whole id, the whole name, or the beginning of either, in this order; names are
  /// compared without regard to case. Throws `not-found` or `ambiguous`.
  static func find(_ text: String, among entries: [Entry]) throws(ServiceError) -> DeviceIdentity {
    let lower = text.lowercased()
    if let exact = entries.first(where: { $0.identity.text == text }) { return exact.identity }
    let named = entries.filter { !$0.name.isEmpty && $0.name.lowercased() == lower }
    if named.count == 1, let only = named.first { return only.identity }
    let starting = entries.filter { entry in
      let id = entry.identity.text
      let bare = id.drop { $0 != "-" }.dropFirst()  // without `board-`
      return !text.isEmpty
        && (id.hasPrefix(lower) || bare.hasPrefix(lower)
          || entry.name.lowercased().hasPrefix(lower))
    }
    if starting.count == 1, let only = starting.first { return only.identity }
    guard starting.isEmpty else {
      let candidates = starting.prefix(8).map { $0.name.isEmpty ? $0.identity.text : $0.name }
      let list = candidates.joined(separator: ", ")
      throw ServiceError(
        status: 409, code: "ambiguous", parameters: ["device": text, "candidates": list],
        detail: "\(text) may mean \(list)", remedy: "write more of its name or id")
    }
    throw ServiceError(
      status: 404, code: "not-found", parameters: ["device": text],
      detail: "no device is called \(text)", remedy: "bivouac devices lists them")
  }
}
