/// One channel of a session on the side that asks: its seals, its machine, and what is to be asked
/// of the store, in which order (docs/sync-format.md, section 9).
///
/// Pure: a shell carries the bytes and asks the store; it begins anew with every session, the
/// machine goes on.
public struct AskingChannel: Sendable {
  /// What happens.
  public enum Event: Sendable {
    /// This node's vector of the channel may be another, or the other side's.
    case wake(mine: HaveVector)
    /// What was to be pushed, as it is here.
    case served([UInt8])
    /// What came back: an answer, and of a batch behind it as much as came.
    case came([UInt8])
    /// What a batch held is on the disk; this node's vector then.
    case stored(mine: HaveVector)
    /// It could not be written, or not all of it: nothing that the other side is to blame for.
    case notStored(mine: HaveVector)
    /// Nothing came back.
    case lost
    /// Proof of these is wanted; nothing else may be under way.
    case prove(nonce: [UInt8], [ProofPart])
    /// This node is a keeper of the other side: whether that wants something proven. Nothing else
    /// may be under way.
    case offer
    /// What it wanted proven; nothing else may be under way.
    case give(nonce: [UInt8], [[UInt8]?])
  }

  /// What is to be done.
  public enum Action: Hashable, Sendable {
    /// Send these bytes, then say `came` or `lost`.
    case send([UInt8])
    /// Serve these, then say `served`.
    case serve([LogPart], bytesMax: Int)
    /// Store what came whole of this batch, then say `stored`.
    case store([UInt8])
    /// Nothing to do before a wake; so many records are left alone in this session.
    case rest(stalled: UInt64)
    /// The other side wants to be left alone for so long, in s.
    case pause(seconds: UInt32, code: String)
    /// A request brought no whole answer: what came of it counts. The session goes on.
    case cut
    /// The session is over: what came was not the other side's.
    case over
    /// What was asked for with `prove`: a hash for each, nil for what is not there; nothing where
    /// the other side proves nothing.
    case proven([[UInt8]?])
    /// What the other side wants proven; nil for nothing now, or where it takes no offers.
    case question(ProofQuestion?)
    /// What was given was looked at: whether another offer is worth it now.
    case taken(isMore: Bool)
  }

  /// What the exchange is about.
  public private(set) var machine: ExchangeMachine
  private var seal: SessionSeal
  private var request: ExchangeRequest?
  private let hasOffers: Bool
  /// Whether the batch that is being stored came without its seal.
  private var isCut = false

  /// Begins with a session.
  public init(_ session: NodeSession, machine: ExchangeMachine) {
    self.machine = machine
    // What was under way ended with the session before.
    _ = self.machine.handle(.cut)
    self.machine.beginSession()
    seal = session.seal(channel: machine.channel.rawValue)
    hasOffers = session.hasOffers
  }

  /// Notes what a request carried, and how long it took: how much to ask for at once.
  public mutating func note(bytes: Int, us: Int64) { machine.window.note(bytes: bytes, us: us) }

  /// Whether a request, a push or what came of a pull is under way.
  public private(set) var isBusy = false

  /// The single entry point.
  public mutating func handle(_ event: Event) -> [Action] {
    switch event {
    case .wake(let mine): return carry(machine.handle(.wake(mine: mine)))
    case .served(let batch):
      request = .push
      var bytes = seal.sealRequest(ExchangeRequest.push.encoded())
      bytes += batch
      bytes += BatchWriter.sealed(seal.sealBatch(hash: Blake2b.hash256(batch)))
      return [.send(bytes)]
    case .came(let bytes): return came(bytes)
    case .stored(let mine) where !isCut:
      isBusy = false
      return carry(machine.handle(.stored(mine: mine)))
    case .stored(let mine), .notStored(let mine):
      isBusy = false
      if isCut { machine.window.cut() }
      // In this order: what came counts, and nothing more is asked for before the next wake.
      _ = machine.handle(.cut)
      _ = machine.handle(.stored(mine: mine))
      return [.cut]
    case .lost:
      isBusy = false
      request = nil
      machine.window.cut()
      _ = machine.handle(.cut)
      return [.cut]
    case .prove(let nonce, let parts):
      return carry([.request(.prove(nonce: nonce, parts))])
    case .offer:
      // A node of version 1 takes it for a forgery.
      return hasOffers ? carry([.request(.offer)]) : [.question(nil)]
    case .give(let nonce, let hashes):
      return carry([.request(.proof(nonce: nonce, hashes))])
    }
  }

  private mutating func carry(_ actions: [ExchangeMachine.Action]) -> [Action] {
    actions.map { action in
      switch action {
      case .request(let next):
        isBusy = true
        request = next
        return .send(seal.sealRequest(next.encoded()))
      case .push(let parts, let bytesMax):
        isBusy = true
        return .serve(parts, bytesMax: bytesMax)
      case .rest(let stalled): return .rest(stalled: stalled)
      case .pause(let seconds, let code): return .pause(seconds: seconds, code: code)
      }
    }
  }

  private mutating func came(_ bytes: [UInt8]) -> [Action] {
    guard let asked = request else { return [] }
    let opened: SessionSeal.Opened
    let answer: ExchangeAnswer
    do throws(SealFailure) { opened = try seal.openAnswer(bytes) } catch {
      return end(error == .malformed ? .cut : .over)
    }
    do throws(DecodeError) {
      answer = try ExchangeAnswer(decoding: opened.body, to: asked)
    } catch { return end(.over) }
    request = nil
    isBusy = false
    if let proof = Self.proof(answer, to: asked) { return [proof] }
    let actions = machine.handle(.answered(answer))
    guard case .pulled = answer else { return carry(actions) }
    let batch = Array(bytes.dropFirst(opened.byteCount))
    isCut = !holds(batch)
    isBusy = true
    return [.store(isCut && SeededBug.cutLosesBatch.isOn ? [] : batch)]
  }

  /// What an answer says of proofs, of which the exchange knows nothing: it goes on whatever comes
  /// of them. Nil where something else was asked.
  private static func proof(_ answer: ExchangeAnswer, to asked: ExchangeRequest) -> Action? {
    switch (asked, answer) {
    case (.prove, .proven(let hashes)): .proven(hashes)
    case (.prove, _): .proven([])
    case (.offer, .question(let question)): .question(question)
    case (.offer, _): .question(nil)
    case (.proof, .taken(let isMore)): .taken(isMore: isMore)
    case (.proof, _): .taken(isMore: false)
    default: nil
    }
  }

  private mutating func end(_ action: Action) -> [Action] {
    request = nil
    isBusy = false
    _ = machine.handle(.cut)
    return [action]
  }

  /// Whether a batch came whole, by its seal.
  private mutating func holds(_ batch: [UInt8]) -> Bool {
    guard let (frames, stated) = BatchWriter.unsealed(batch) else { return false }
    do throws(SealFailure) {
      try seal.openBatch(stated, hash: Blake2b.hash256(frames))
      return true
    } catch { return false }
  }
}

extension BatchWriter {
  /// The bytes of a frame around a seal: the last of a batch.
  public static func sealed(_ seal: [UInt8]) -> [UInt8] {
    var writer = BatchWriter()
    _ = writer.take()
    writer.seal(seal)
    return writer.take()
  }

  /// A batch without its last frame, and the seal in that; nil where it does not end with one.
  public static func unsealed(_ batch: [UInt8]) -> (frames: [UInt8], seal: [UInt8])? {
    // Type, length, seal, check.
    let frameByteCount = 2 + sealByteCount + 4
    guard batch.count >= frameByteCount else { return nil }
    let frames = Array(batch.dropLast(frameByteCount))
    let seal = Array(batch.suffix(4 + sealByteCount).prefix(sealByteCount))
    guard sealed(seal) == Array(batch.suffix(frameByteCount)) else { return nil }
    return (frames, seal)
  }
}
