/// One channel of a session on the side that answers: its seals, its responder, and what is to be
/// asked of the store (docs/sync-format.md, section 9).
public struct AnsweringChannel: Sendable {
  /// What is to be done with a request.
  public enum Action: Hashable, Sendable {
    /// Send this back.
    case answer([UInt8])
    /// Serve these, then send back what `served` makes of it.
    case serve([LogPart], bytesMax: Int)
    /// Store what came whole of this batch, then send back what `stored` makes of it.
    case store([UInt8])
    /// Hash these, keyed with the nonce, then send back what `answered` makes of it.
    case prove(nonce: [UInt8], [ProofPart])
    /// Send back what `answered` makes of `question`: what the asker is to prove, if a keeper.
    case offered
    /// Look whether these prove what was asked, then send back what `answered` makes of `taken`.
    case judge(nonce: [UInt8], [[UInt8]?])
    /// Send back what `answered` makes of `waited`: at once when the vector has another digest, or
    /// so much later.
    case wait(seconds: UInt16)
    /// The session is over: what came was not the other side's, or came before.
    case over
  }

  private var seal: SessionSeal
  private var responder: ExchangeResponder
  private let hasOffers: Bool

  /// Begins with a session.
  public init(_ session: NodeSession, _ channel: ExchangeChannel) {
    hasOffers = session.hasOffers
    seal = session.seal(channel: channel.rawValue)
    responder = ExchangeResponder(channel)
  }

  /// Takes a request with the batch that goes along; `mine` is this node's vector of the channel.
  public mutating func handle(_ bytes: [UInt8], mine: HaveVector) -> Action {
    let opened: SessionSeal.Opened
    let request: ExchangeRequest
    do throws(SealFailure) { opened = try seal.openRequest(bytes) } catch { return .over }
    do throws(DecodeError) { request = try ExchangeRequest(decoding: opened.body) } catch {
      return .over
    }
    // Version 1 does not know these: there they are what no node sends.
    if request.isOffer, !hasOffers { return .over }
    switch responder.handle(request, mine: mine) {
    case .answer(let answer): return .answer(answered(answer))
    case .serve(let parts, let bytesMax): return .serve(parts, bytesMax: bytesMax)
    case .store: return .store(Array(bytes.dropFirst(opened.byteCount)))
    case .wait(let seconds): return .wait(seconds: seconds)
    case .prove(let nonce, let parts): return .prove(nonce: nonce, parts)
    case .offered: return .offered
    case .judge(let nonce, let hashes): return .judge(nonce: nonce, hashes)
    }
  }

  /// Of a request that was cut, the batch that goes along with a push as far as it came; nil where
  /// it is none, or its head did not come whole or is not the other side's.
  public mutating func cut(_ bytes: [UInt8]) -> [UInt8]? {
    let opened: SessionSeal.Opened
    do throws(SealFailure) { opened = try seal.openRequest(bytes) } catch { return nil }
    do throws(DecodeError) {
      guard case .push = try ExchangeRequest(decoding: opened.body) else { return nil }
    } catch {
      return nil
    }
    return Array(bytes.dropFirst(opened.byteCount))
  }

  /// What a pull is answered with.
  public mutating func served(_ batch: [UInt8]) -> [UInt8] {
    var bytes = answered(.pulled)
    bytes += batch
    bytes += BatchWriter.sealed(seal.sealBatch(hash: Blake2b.hash256(batch)))
    return bytes
  }

  /// What a push is answered with, once its records are on the disk.
  public mutating func stored(mine: HaveVector, dropped: UInt64, refused: UInt64) -> [UInt8] {
    answered(responder.pushed(mine: mine, dropped: dropped, refused: refused))
  }

  /// The one answer to the request that was taken last, sealed.
  public mutating func answered(_ answer: ExchangeAnswer) -> [UInt8] {
    seal.sealAnswer(answer.encoded())
  }

  /// The other side's vector, as it was told.
  public var theirs: HaveVector? { responder.theirs }
}
