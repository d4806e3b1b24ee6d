internal import Model
internal import Sync

/// What must be true, kept as plain sets: a model of the site that knows no vectors.
struct Witness {
  /// The content of each identity, as it was first seen anywhere.
  private var contents: [RecordId: [UInt8]] = [:]
  /// What some disk has promised to its author.
  private(set) var promised: Set<RecordId> = []
  /// The header of each range, by its first commit and how many it has.
  private var headers: [RangeName: [UInt8]] = [:]
  /// Samples that are in commits, and in which; what commits call lost, and whose commits.
  private(set) var samples: [DeviceIdentity: [UInt32: Set<RecordId>]] = [:]
  private(set) var gaps: [DeviceIdentity: [UInt32: Set<NodeId>]] = [:]
  /// Samples that were given to a disk: of a write that failed nobody knows what is there.
  private var given: [DeviceIdentity: Set<UInt32>] = [:]
  /// Orders: who is to carry them out, when they were given, and how often that was done.
  private(set) var orders: [CommandId: Order] = [:]
  /// What entries say.
  private(set) var entries = WitnessedEntries()
  /// Nodes that say what became of orders of others; nobody else may.
  var meddlers: Set<NodeId> = []
  /// Commits of which a keeper gave a true proof, and when the first one did, in µs.
  private(set) var proven: [RecordId: Int64] = [:]
  /// Identities under which somebody signed two contents.
  private(set) var forged: Set<RecordId> = []
  /// Runs that somebody began with a key that was retired.
  private var stolen: Set<RunId> = []
  /// Generations of people that count no more.
  private var revoked: [Revoked: Set<RecordId>] = [:]
  private(set) var violations: [String] = []

  private struct RangeName: Hashable {
    let first: RecordId
    let count: Int
  }

  /// An order, as nobody's store has it.
  struct Order {
    let node: NodeId
    let endsUs: Int64
    /// The boot in which the very node that is to carry it out has given it; nil for another's.
    let clockEpoch: ClockEpoch?
    var executions = 0
  }

  /// A person who was removed.
  struct Revoked: Hashable {
    let key: [UInt8]
    let generation: UInt64
  }

  static let violationsMax = 20

  mutating func violate(_ text: String) {
    if violations.count < Self.violationsMax { violations.append(text) }
  }

  /// Lets go of promises that nobody can keep.
  mutating func forgive(_ isForgiven: (RecordId) -> Bool) {
    promised = promised.filter { !isForgiven($0) }
  }

  mutating func promise(_ record: RecordId) { promised.insert(record) }

  /// An entry that is on the disk of whoever wrote it.
  mutating func wrote(_ content: JournalContent, _ record: RecordId) {
    entries.take(content, record)
  }

  mutating func order(
    _ issued: CommandIssued, by issuer: NodeId, in boot: ClockEpoch, atUs: Int64
  ) {
    orders[issued.id] = Order(
      node: issued.node, endsUs: atUs + Int64(issued.lifeMs) * 1_000,
      clockEpoch: issuer == issued.node ? boot : nil)
  }

  mutating func forge(_ record: RecordId) { forged.insert(record) }

  mutating func steal(_ run: RunId) { stolen.insert(run) }

  func isStolen(_ run: RunId) -> Bool { stolen.contains(run) }

  /// Whether the log of a record holds an identity with two contents.
  func isForged(_ record: RecordId) -> Bool {
    forged.contains { $0.run == record.run && $0.lane == record.lane }
  }

  /// A board does what it is told; how often it did now, and when the order ends.
  mutating func execute(_ id: CommandId) -> Order? {
    orders[id]?.executions += 1
    return orders[id]
  }

  mutating func prove(_ part: ProofPart, atUs: Int64) {
    for seq in part.seqs {
      let record = part.log.run.record(part.log.lane, seq)
      proven[record] = proven[record] ?? atUs
    }
  }

  mutating func revoke(_ revocation: AccessRevocation, _ record: RecordId) {
    let name = Revoked(key: revocation.key, generation: revocation.generation)
    revoked[name, default: []].insert(record)
  }

  /// Whether somebody was removed, and not only on a disk that forgot it.
  func isRevoked(_ name: Revoked) -> Bool {
    revoked[name]?.contains { promised.contains($0) } ?? false
  }

  /// The readings of a commit that is about to be written.
  mutating func give(_ body: CommitBody) {
    for source in body.sources {
      guard case .device(_, let first, let spans) = source.clock else { continue }
      let count = spans.reduce(0) { $0 + $1.count }
      given[source.identity, default: []].formUnion(first..<(first + count))
    }
  }

  /// How many samples may be on a disk, and have neither been promised nor seen under way.
  func doubtful(_ device: DeviceIdentity) -> Int {
    let known = samples[device] ?? [:]
    return given[device]?.count { known[$0] == nil } ?? 0
  }

  /// The readings of a commit that is on a disk.
  mutating func stored(_ body: CommitBody, _ record: RecordId, _ where: String) {
    for source in body.sources { note(source, record, `where`) }
  }

  /// Looks at everything in a batch that is under way or is kept somewhere; what it holds.
  mutating func see(_ bytes: [UInt8], _ where: String) -> Set<RecordId> {
    var reader = BatchReader()
    reader.push(bytes)
    var found: Set<RecordId> = []
    var run: RunId?
    var begun: (run: RunId, header: RangeHeader, left: Set<Int>, lane: Lane)?
    do throws(BatchReader.Failure) {
      while let item = try reader.next() {
        switch item {
        case .run(let next): run = next
        case .entry(let entry):
          guard let run, entry.holds(of: run) else { continue }
          let record = run.record(entry.lane, entry.seq)
          found.insert(record)
          if note(record, entry.contentHash(of: run), `where`) { judge(entry, record, `where`) }
        case .live(let live):
          guard let run, live.holds(of: run) else { continue }
          for (index, hash) in live.commitHashes(of: run).enumerated() {
            let record = run.record(.telemetry, live.first + UInt64(index))
            found.insert(record)
            if note(record, hash, `where`) { decode(live.bodies[index], record, `where`) }
          }
        case .range(let signed, let header):
          begun = nil
          guard let run, signed.holds(of: run) else { continue }
          begun = (run, header, Set(header.blocks.indices), .telemetry)
          note(header, signed.header, run, `where`)
        case .block(let parcel):
          begun?.left.remove(parcel.index)
          // Of lane 3 the summaries alone are sent.
          if parcel.content == nil { begun?.lane = .rollups }
        case .endOfRange:
          guard let (run, header, left, lane) = begun, left.isEmpty else { continue }
          for index in header.arrivalsMs.indices {
            found.insert(run.record(lane, header.firstSeq + UInt64(index)))
          }
        // What a continuation makes whole was not carried whole here.
        case .continuation: begun = nil
        case .description, .skipped, .malformed, .end, .seal: continue
        }
      }
    } catch { return found }
    return found
  }

  /// Whether it was not seen before.
  @discardableResult private mutating func note(
    _ record: RecordId, _ hash: [UInt8], _ where: String
  ) -> Bool {
    guard let known = contents[record] else {
      contents[record] = hash
      return true
    }
    if known != hash, !forged.contains(record) {
      violate("\(record.short) has two contents, \(`where`)")
    }
    return false
  }

  /// A range has one header, whoever gives it, and what it calls lost counts.
  private mutating func note(
    _ header: RangeHeader, _ bytes: [UInt8], _ run: RunId, _ where: String
  ) {
    let first = run.record(.telemetry, header.firstSeq)
    let name = RangeName(first: first, count: header.arrivalsMs.count)
    if let known = headers[name], known != bytes {
      violate("the range at \(first.short) has two headers, \(`where`)")
    }
    headers[name] = bytes
    for loss in header.losses {
      for seq in loss.firstSeq..<(loss.firstSeq + loss.count) {
        gaps[loss.identity, default: [:]][seq, default: []].insert(run.origin)
      }
    }
  }

  /// What an entry says that only some may say.
  private mutating func judge(_ entry: SignedEntry, _ record: RecordId, _ where: String) {
    do throws(DecodeError) {
      let content = try JournalDecoder.decode(kind: entry.kind, entry.body)?.content
      guard let content, !isStolen(record.run) else { return }
      entries.take(content, record)
      guard case .commandOutcome(let outcome) = content, outcome.state != .cancelled,
        let order = orders[outcome.id], order.node != record.origin,
        !meddlers.contains(record.origin)
      else { return }
      violate("\(record.short) says what became of an order of another node, \(`where`)")
    } catch { violate("an entry cannot be read, \(`where`): \(error)") }
  }

  private mutating func decode(_ body: [UInt8], _ record: RecordId, _ where: String) {
    do throws(DecodeError) {
      stored(try CommitDecoder.decode(body), record, `where`)
    } catch { violate("a commit cannot be read, \(`where`): \(error)") }
  }

  private mutating func note(_ source: CommitSource, _ record: RecordId, _ where: String) {
    guard case .device(_, let first, let spans) = source.clock else { return }
    var (seq, place) = (first, 0)
    for span in spans {
      for _ in 0..<span.count {
        if span.fate == .samples {
          samples[source.identity, default: [:]][seq, default: []].insert(record)
          let value = SampleValue(SimulatedBoard.value(source.identity, seq))
          if source.samples[place].value != value {
            violate("\(source.identity) \(seq) has another value, \(`where`)")
          }
          place += 1
        } else {
          gaps[source.identity, default: [:]][seq, default: []].insert(record.origin)
        }
        seq += 1
      }
    }
  }
}

extension RecordId {
  /// The run that made it.
  var run: RunId { RunId(origin: origin, incarnation: incarnation) }

  /// For a trace: a few digits of each.
  var short: String {
    "\(origin.description.prefix(4))/\(incarnation.description.prefix(4))/\(lane.rawValue)/\(seq)"
  }
}
