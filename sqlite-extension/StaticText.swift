/// The bytes of a text that stands in the program.
@safe struct StaticText: Sequence {
  struct Iterator: IteratorProtocol {
    fileprivate let text: StaticString
    private var place = 0

    fileprivate init(_ text: StaticString) { self.text = text }

    mutating func next() -> UInt8? {
      guard place < text.utf8CodeUnitCount else { return nil }
      defer { place += 1 }
      return unsafe text.utf8Start[place]
    }
  }

  private let text: StaticString

  init(_ text: StaticString) { self.text = text }

  func makeIterator() -> Iterator { Iterator(text) }
}
