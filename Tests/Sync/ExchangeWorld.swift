import Model
import TestSupport

@testable import Sync

/// Nodes that hold records as plain sets, and a network between them that cuts, all from one seed.
///
/// What a node says it has seen and holds is what is in its sets: so nothing here can be right by
/// accident of the vectors that are under test.
struct ExchangeWorld {
  struct Record: Hashable {
    var log: LogId
    var seq: UInt64
  }

  struct Node {
    var records: Set<Record> = []
    /// Records whose contents went: seen, and not to be had here.
    var gone: Set<Record> = []
    var machines: [Int: ExchangeMachine] = [:]
    var responders: [Int: ExchangeResponder] = [:]
    /// Says that it has more than it has.
    var isLiar = false
    var room = Int.max
    /// Whose records it asks for; nil for everybody's.
    var origins: Set<NodeId>?

    private static func logs(_ records: Set<Record>) -> [LogId: Intervals] {
      Dictionary(grouping: records, by: \.log).mapValues {
        Intervals($0.map { $0.seq...$0.seq })
      }
    }

    func vector(_ channel: ExchangeChannel) -> HaveVector {
      var vector = HaveVector()
      for (log, held) in Self.logs(records) { vector[log] = HaveLog(held: held) }
      for (log, seen) in Self.logs(gone) { vector[log].seen.join(seen) }
      if isLiar, let log = vector.logs.keys.min() {
        vector[log].seen.insert(1...500)
        vector[log].held.insert(1...500)
      }
      return vector
    }
  }

  let channel: ExchangeChannel
  var nodes: [Node]
  var prng: Prng
  /// One request or answer in so many is cut; 0 for none.
  var cutPercent = 0
  /// What was carried: requests, records, and records that were there already.
  var requests = 0
  var carried = 0
  var doubled = 0
  /// In which order the lanes came, as each record was stored.
  var lanes: [Lane] = []
  /// What was asked: the names of the requests.
  var asked: [String] = []

  init(seed: UInt64, nodes count: Int, channel: ExchangeChannel) {
    prng = Prng(seed: seed)
    nodes = [Node](repeating: Node(), count: count)
    self.channel = channel
  }

  /// Lets one node talk to another until it rests, is cut, or has asked `requestsMax` times, in a
  /// session of its own or in the one before. Whether it came to rest by itself.
  mutating func meet(
    _ asker: Int, _ other: Int, requestsMax: Int = 5_000, goesOn: Bool = false
  ) -> Bool {
    var machine =
      nodes[asker].machines[other]
      ?? ExchangeMachine(channel, origins: nodes[asker].origins)
    if !goesOn { machine.beginSession() }
    var actions = machine.handle(.wake(mine: nodes[asker].vector(channel)))
    var left = requestsMax
    var isAtRest = false
    while let action = actions.first {
      guard left > 0 else { break }
      left -= 1
      requests += 1
      actions = step(action, &machine, asker, other, &isAtRest)
    }
    _ = machine.handle(.cut)
    nodes[asker].machines[other] = machine
    return isAtRest
  }

  private mutating func step(
    _ action: ExchangeMachine.Action, _ machine: inout ExchangeMachine, _ asker: Int,
    _ other: Int, _ isAtRest: inout Bool
  ) -> [ExchangeMachine.Action] {
    switch action {
    case .rest:
      isAtRest = true
      return []
    case .pause: return []
    case .request(let request):
      asked.append(String("\(request)".prefix { $0 != "(" }))
      if prng.chance(cutPercent) { return machine.handle(.cut) }
      return ask(request, &machine, asker, other)
    case .push(let parts, let bytesMax):
      asked.append("push")
      if prng.chance(cutPercent) { return machine.handle(.cut) }
      let (arrived, isCut) = carry(parts, bytesMax, from: asker, to: other)
      if isCut { return machine.handle(.cut) }
      var responder = nodes[other].responders[asker] ?? ExchangeResponder(channel)
      let answer = responder.pushed(
        mine: nodes[other].vector(channel), dropped: 0, refused: UInt64(arrived))
      nodes[other].responders[asker] = responder
      if prng.chance(cutPercent) { return machine.handle(.cut) }
      return machine.handle(.answered(reread(answer, to: .push)))
    }
  }

  private mutating func ask(
    _ request: ExchangeRequest, _ machine: inout ExchangeMachine, _ asker: Int, _ other: Int
  ) -> [ExchangeMachine.Action] {
    var responder = nodes[other].responders[asker] ?? ExchangeResponder(channel)
    let answer = responder.handle(reread(request), mine: nodes[other].vector(channel))
    nodes[other].responders[asker] = responder
    if prng.chance(cutPercent) { return machine.handle(.cut) }
    switch answer {
    case .answer(let answer): return machine.handle(.answered(reread(answer, to: request)))
    case .serve(let parts, let bytesMax):
      var actions = machine.handle(.answered(.pulled))
      let (_, isCut) = carry(parts, bytesMax, from: other, to: asker)
      let vector = nodes[asker].vector(channel)
      if isCut {
        actions += machine.handle(.cut)
        return actions + machine.handle(.stored(mine: vector))
      }
      return actions + machine.handle(.stored(mine: vector))
    case .store, .wait, .prove, .offered, .judge: return machine.handle(.cut)
    }
  }

  /// What is sent is what is read: over its bytes.
  private func reread(_ request: ExchangeRequest) -> ExchangeRequest {
    do { return try ExchangeRequest(decoding: request.encoded()) } catch {
      preconditionFailure("\(request): \(error)")
    }
  }

  private func reread(_ answer: ExchangeAnswer, to request: ExchangeRequest) -> ExchangeAnswer {
    do { return try ExchangeAnswer(decoding: answer.encoded(), to: request) } catch {
      preconditionFailure("\(answer): \(error)")
    }
  }

  /// Carries records that are asked for, each 1 KiB, up to the bytes or to a cut.
  private mutating func carry(
    _ parts: [LogPart], _ bytesMax: Int, from: Int, to: Int
  ) -> (count: Int, isCut: Bool) {
    var left = max(1, bytesMax / 1_024)
    var count = 0
    for part in parts {
      for seq in part.seqs.ranges.joined() {
        let record = Record(log: part.log, seq: seq)
        guard left > 0 else { return (count, false) }
        guard nodes[from].records.contains(record) else { continue }
        left -= 1
        if prng.chance(cutPercent / 4) { return (count, true) }
        guard nodes[to].records.count < nodes[to].room else { continue }
        carried += 1
        if nodes[to].records.contains(record) { doubled += 1 }
        if nodes[to].records.insert(record).inserted { lanes.append(record.log.lane) }
        count += 1
      }
    }
    return (count, false)
  }
}
