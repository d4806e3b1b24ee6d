internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// One bundle that is being read: what came whole is verified on the executor's thread, stored, and
/// told of, before the next piece is taken.
actor BundleImport {
  private let executor: ThreadExecutor
  private let store: Store
  private let site: SiteId
  private let key: NodeKey
  private let surroundings: BundleDesk.Surroundings
  private var reader: BundleReader
  /// The first bytes, until there are enough to tell a receipt from a bundle.
  private var head: [UInt8]? = []
  /// What came of a receipt; nil for a bundle.
  private var receipt: [UInt8]?
  private var carried = CarriedBatch()
  /// Whether entries that say who belongs wait in `carried`: what follows is judged by them.
  private var hasMembers = false
  /// Bytes stood behind the end: its records count, and the file is not as its maker left it.
  private var hasMore = false
  private var view = BundleImportView(
    kept: 0, known: 0, waiting: 0, dropped: 0, ending: .cut, maker: "")

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// Begins before the first byte of a bundle of a site.
  init(
    site: SiteId, key: NodeKey, store: Store, surroundings: BundleDesk.Surroundings,
    on executor: ThreadExecutor
  ) {
    self.site = site
    self.key = key
    self.store = store
    self.surroundings = surroundings
    self.executor = executor
    reader = BundleReader(site: site)
  }

  /// Takes the next bytes; what came whole is on the disk when it returns.
  func take(_ bytes: [UInt8]) async throws(ServiceError) {
    guard !hasMore else { return }
    var bytes = bytes
    if let before = head {
      bytes = before + bytes
      guard bytes.count >= BundleReceipt.magic.count else {
        head = bytes
        return
      }
      head = nil
      if bytes.starts(with: BundleReceipt.magic) { receipt = [] }
    }
    if let before = receipt {
      guard before.count + bytes.count <= BundleReceipt.byteCountMax else {
        throw Self.receiptRefusal("malformed")
      }
      receipt = before + bytes
      return
    }
    reader.push(bytes)
    try await read()
  }

  /// No more bytes will come: what the bundle brought.
  func end() async throws(ServiceError) -> BundleImportView {
    if let receipt { return try await take(receipt: receipt) }
    if let head { reader.push(head) }
    if !hasMore {
      reader.end()
      try await read()
    }
    view.dropped = carried.malformedCount + carried.forgedCount
    switch hasMore ? .forged : reader.ending {
    case .whole?: view.ending = .whole
    case .forged?: view.ending = .forged
    case .cut?, nil: view.ending = .cut
    }
    do throws(DatabaseError) {
      var vector = try await store.vector()
      // A node of the version before reads no ranges of lane 3 that came in part.
      for log in vector.logs.keys where log.lane == .rollups { vector[log].begun = [] }
      view.receipt = Hex.text(
        BundleReceipt(site: site, key: key, bundle: reader.hash, vector: vector).encoded)
    } catch {
      throw Problems.service(error)
    }
    return view
  }

  private func take(receipt bytes: [UInt8]) async throws(ServiceError) -> BundleImportView {
    let receipt: BundleReceipt
    do throws(DecodeError) { receipt = try BundleReceipt(decoding: bytes) } catch {
      throw Self.receiptRefusal("malformed")
    }
    guard receipt.site == site else { throw Self.refusal(.otherSite, kept: 0) }
    guard receipt.holds else { throw Self.receiptRefusal("forged") }
    guard let count = await surroundings.acknowledge(receipt.receiver, receipt.vector) else {
      throw Self.receiptRefusal("stranger")
    }
    view.maker = "\(receipt.receiver)"
    view.ending = .whole
    view.acknowledged = count
    return view
  }

  private func read() async throws(ServiceError) {
    while true {
      let item: BatchItem?
      do throws(BundleReader.Failure) {
        item = try reader.next()
      } catch {
        // What came before counts.
        try await put()
        if error == .batch(.leftover) { return hasMore = true }
        throw Self.refusal(error, kept: view.kept)
      }
      if view.maker.isEmpty, let header = reader.header { view.maker = "\(header.maker)" }
      guard let item else { return try await put() }
      try await take(item)
    }
  }

  private func take(_ item: BatchItem) async throws(ServiceError) {
    if case .entry(let entry) = item {
      let isMember = Self.membershipKinds.contains(entry.kind)
      if hasMembers, !isMember { try await put() }
      carried.take(item)
      hasMembers = isMember
    } else {
      carried.take(item)
    }
    if carried.isFull { try await put() }
  }

  /// The kinds of entries that say who belongs (docs/sync-format.md, section 5).
  private static let membershipKinds: ClosedRange<UInt16> = 19...22

  private func put() async throws(ServiceError) {
    hasMembers = false
    guard !carried.isEmpty, let maker = reader.header?.maker else { return }
    let report: ReceiveReport
    do throws(DatabaseError) {
      report = try await store.receive(carried, from: maker, rules: await surroundings.rules())
    } catch {
      throw Problems.service(error)
    }
    carried.removeAll()
    view.kept += report.entriesKept + report.commitsKept
    view.known += report.knownCount
    view.waiting += report.waitingCount
    await surroundings.absorb(report, maker)
  }

  private static func receiptRefusal(_ code: String) -> ServiceError {
    let detail =
      switch code {
      case "forged": "this receipt's signature fails: somebody changed it, or it is nobody's"
      case "stranger": "this receipt is of a node that is no member of this site now"
      default: "this is no receipt that can be read, or one of a later version"
      }
    return ServiceError(
      status: 422, code: "receipt." + code, detail: detail,
      remedy: "copy it again from where the bundle was imported")
  }

  private static func refusal(_ failure: BundleReader.Failure, kept: Int) -> ServiceError {
    switch failure {
    case .notBundle:
      return ServiceError(
        status: 422, code: "bundle.malformed", parameters: ["kept": "\(kept)"],
        detail: "this is no bundle of records, or one of a later version",
        remedy: "bivouac sync export writes one")
    case .otherSite:
      return ServiceError(
        status: 409, code: "bundle.other-site",
        detail: "this bundle is of another site, and nothing of it was taken",
        remedy: "take it to a node of the site that it is of")
    case .batch:
      return ServiceError(
        status: 422, code: "bundle.malformed", parameters: ["kept": "\(kept)"],
        detail: "this bundle was altered on its way: what comes behind that place cannot be read,"
          + " what came before it is kept (\(kept) new records)",
        remedy: "copy it again from where it was made, or export it anew")
    }
  }
}
