internal import Model
internal import Sync

/// What must be true, kept as plain sets: a model of the site that knows no vectors.
struct Witness {
  /// The content of each identity, as it was first seen anywhere.
  private var contents: [RecordId: [UInt8]] = [:]
  /// What some disk has promised to its author.
  private(set) var promised: Set<RecordId> = []
  /// Samples that are in commits: board, number, and the value's agreement.
  private(set) var samples: [DeviceIdentity: Set<UInt32>] = [:]
  private(set) var gaps: [DeviceIdentity: Set<UInt32>] = [:]
  private(set) var violations: [String] = []

  static let violationsMax = 20

  mutating func violate(_ text: String) {
    if violations.count < Self.violationsMax { violations.append(text) }
  }

  /// Lets go of promises that nobody can keep.
  mutating func forgive(_ isForgiven: (RecordId) -> Bool) {
    promised = promised.filter { !isForgiven($0) }
  }

  mutating func promise(_ record: RecordId) { promised.insert(record) }

  /// Looks at everything in a batch that is under way or is kept somewhere; what it holds.
  mutating func see(_ bytes: [UInt8], _ where: String) -> Set<RecordId> {
    var reader = BatchReader()
    reader.push(bytes)
    var found: Set<RecordId> = []
    var run: RunId?
    do throws(BatchReader.Failure) {
      while let item = try reader.next() {
        switch item {
        case .run(let next): run = next
        case .entry(let entry):
          guard let run, entry.holds(of: run) else { continue }
          let record = run.record(entry.lane, entry.seq)
          found.insert(record)
          note(record, entry.contentHash(of: run), `where`)
        case .live(let live):
          guard let run, live.holds(of: run) else { continue }
          for (index, hash) in live.commitHashes(of: run).enumerated() {
            let record = run.record(.telemetry, live.first + UInt64(index))
            found.insert(record)
            if note(record, hash, `where`) { decode(live.bodies[index], `where`) }
          }
        case .range, .continuation, .block, .endOfRange, .skipped, .malformed, .end, .seal: continue
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
    if known != hash { violate("\(record.short) has two contents, \(`where`)") }
    return false
  }

  private mutating func decode(_ body: [UInt8], _ where: String) {
    let commit: CommitBody
    do throws(DecodeError) { commit = try CommitDecoder.decode(body) } catch {
      violate("a commit cannot be read, \(`where`): \(error)")
      return
    }
    for source in commit.sources {
      guard case .device(_, let first, let spans) = source.clock else { continue }
      var (seq, place) = (first, 0)
      for span in spans {
        for _ in 0..<span.count {
          if span.fate == .samples {
            samples[source.identity, default: []].insert(seq)
            let value = SampleValue(SimulatedBoard.value(source.identity, seq))
            if source.samples[place].value != value {
              violate("\(source.identity) \(seq) has another value")
            }
            place += 1
          } else {
            gaps[source.identity, default: []].insert(seq)
          }
          seq += 1
        }
      }
    }
  }
}

extension RecordId {
  /// For a trace: a few digits of each.
  var short: String {
    "\(origin.description.prefix(4))/\(incarnation.description.prefix(4))/\(lane.rawValue)/\(seq)"
  }
}
