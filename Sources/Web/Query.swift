/// The decoded items of a query string, in order; a name may come more than once.
public struct Query: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// One `name=value`; a name alone has the empty value.
  public struct Item: Hashable, Sendable {
    /// The decoded name.
    public let name: String
    /// The decoded value.
    public let value: String
  }

  /// All items, in order.
  public private(set) var items: [Item]

  /// Starts empty.
  public init() { items = [] }

  /// Takes names and values in their written order.
  public init(dictionaryLiteral elements: (String, String)...) {
    items = elements.map { Item(name: $0.0, value: $0.1) }
  }

  /// Parses the part after `?`; `nil` where an escape is wrong or there are too many items.
  public init?(parsing text: Substring) {
    items = []
    for part in text.split(separator: "&") {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard items.count < WebLimits.queryItemsMax, let name = Self.decode(pair[0]),
        let value = Self.decode(pair.count == 2 ? pair[1] : "")
      else { return nil }
      items.append(Item(name: name, value: value))
    }
  }

  /// The first value of a name.
  public subscript(name: String) -> String? { items.first { $0.name == name }?.value }

  /// Appends an item.
  public mutating func add(_ name: String, _ value: String) {
    items.append(Item(name: name, value: value))
  }

  /// The text after `?` that parses to these items.
  public var encoded: String {
    items.map { PercentCoding.encode($0.name) + "=" + PercentCoding.encode($0.value) }
      .joined(separator: "&")
  }

  /// In a query `+` has always meant a space.
  private static func decode(_ text: Substring) -> String? {
    guard text.utf8.contains(UInt8(ascii: "+")) else { return PercentCoding.decode(text) }
    return PercentCoding.decode(Substring(String(text.map { $0 == "+" ? " " : $0 })))
  }
}
