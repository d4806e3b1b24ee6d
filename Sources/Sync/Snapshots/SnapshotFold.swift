public import Model

/// The manifests of snapshots, whoever wrote them and in whatever order they came.
///
/// A set that only grows, by record. Of more than `Limits.snapshotsListedMax` those of the highest
/// rank are kept, so that the same records always come to the same fold; the others stay in the
/// journal alone.
public struct SnapshotFold: Hashable, Sendable {
  /// One manifest with its record.
  public struct Entry: Hashable, Sendable {
    /// What it says.
    public let taken: SnapshotTaken
    /// Who wrote it down, and when.
    public let stamp: Stamp
    /// Its record.
    public let record: RecordId
    /// The boot that its times are of.
    public let clockEpoch: ClockEpoch

    /// The order of registers: clock trusted, wall clock, origin, incarnation, seq.
    func outranks(_ other: Entry) -> Bool {
      RegisterSibling(record: record, stamp: stamp, value: nil).outranks(
        RegisterSibling(record: other.record, stamp: other.stamp, value: nil))
    }
  }

  /// Of each device, the highest rank first.
  private var byDevice: [DeviceIdentity: [Entry]] = [:]
  /// How many manifests name a content.
  private var naming: [[UInt8]: Int] = [:]
  /// How many manifests are listed.
  public private(set) var count = 0
  /// Whether all that were ever folded are listed.
  public private(set) var isWhole = true
  private let limit: Int

  /// Begins with nothing.
  public init() { self.init(limit: Limits.snapshotsListedMax) }

  init(limit: Int) { self.limit = limit }

  /// Takes an entry of the journal; any other kind than 28 says nothing here.
  public mutating func apply(
    _ entry: JournalEntry, record: RecordId, clockEpoch: ClockEpoch
  ) {
    guard case .snapshotTaken(let taken) = entry.content else { return }
    let new = Entry(taken: taken, stamp: entry.stamp, record: record, clockEpoch: clockEpoch)
    let list = byDevice[taken.device] ?? []
    // Most come newest last: the place is near the front.
    let place = list.firstIndex { !$0.outranks(new) } ?? list.count
    guard place == list.count || list[place].record != record else { return }
    byDevice[taken.device, default: []].insert(new, at: place)
    naming[taken.hash, default: 0] += 1
    count += 1
    if count > limit { dropLowest() }
  }

  private mutating func dropLowest() {
    let lowest = byDevice.values.compactMap(\.last).min { $1.outranks($0) }
    guard let lowest else { return }
    let device = lowest.taken.device
    isWhole = false
    byDevice[device]?.removeLast()
    if byDevice[device]?.isEmpty == true { byDevice[device] = nil }
    count -= 1
    let left = (naming[lowest.taken.hash] ?? 1) - 1
    naming[lowest.taken.hash] = left == 0 ? nil : left
  }

  /// Whether a manifest names a content.
  public func names(_ hash: [UInt8]) -> Bool { naming[hash] != nil }

  /// The manifests of some devices, or of all with nil; in no order between devices.
  public func entries(of devices: [DeviceIdentity]?) -> [Entry] {
    guard let devices else { return byDevice.values.flatMap(\.self) }
    return devices.flatMap { byDevice[$0] ?? [] }
  }

  /// The manifests that name a content.
  public func entries(naming hash: [UInt8]) -> [Entry] {
    guard names(hash) else { return [] }
    return byDevice.values.flatMap { list in list.filter { $0.taken.hash == hash } }
  }

  /// Every content that is named, and how long it is said to be. Where manifests do not agree the
  /// longest counts: the hash decides in the end.
  public var contents: [[UInt8]: Int64] {
    var found: [[UInt8]: Int64] = [:]
    for list in byDevice.values {
      for entry in list {
        found[entry.taken.hash] = max(found[entry.taken.hash] ?? 0, entry.taken.size)
      }
    }
    return found
  }
}
