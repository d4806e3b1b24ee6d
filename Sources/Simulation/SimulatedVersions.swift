internal import Sync

// What a node of the version before is: it speaks version 1 of the hello, has no lane 3, and passes
// over frames that it does not know (ADR 0026).
extension SimulatedNode {
  /// The newest version of the hello that this run speaks; nil for the newest there is.
  var helloVersion: UInt8? { running?.isOld == true ? 1 : nil }
}

extension BatchItem {
  /// Whether the version before knows it: no description of a range, and no sums without contents.
  var isOfVersion1: Bool {
    switch self {
    case .description: false
    case .block(let parcel): parcel.content != nil
    default: true
    }
  }
}

extension [UInt8] {
  /// A batch as the version before would have written it.
  var ofVersion1: [UInt8] {
    var items = BatchItems(self)
    var writer = BatchWriter()
    while let item = items.next() {
      guard item.isOfVersion1 else { continue }
      if case .continuation(let first, let header) = item {
        if let run = items.run { writer.addContinuation(first: first, header: header, of: run) }
      } else {
        writer.add(item, of: items.run)
      }
    }
    writer.end()
    return writer.take()
  }
}

extension BatchWriter {
  /// Adds what a batch of another held.
  mutating func add(_ item: BatchItem, of run: RunId?) {
    guard let run else { return }
    switch item {
    case .entry(let entry): add(entry, of: run)
    case .live(let live): add(live, of: run)
    case .description(let description): add(description, of: run)
    case .range(let signed, _): add(signed, of: run)
    case .block(let parcel): add(parcel)
    case .endOfRange: endRange()
    default: return
    }
  }
}
