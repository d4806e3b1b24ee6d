internal import Model
internal import Sync

/// The beginning of sessions, and the running clocks that both ends of one measure.
extension SiteSimulation {
  func introduced(_ index: Int, _ initiator: HelloInitiator, _ bytes: [UInt8]) {
    do throws(HelloRefusal) {
      let introduced = try initiator.introduced(by: bytes)
      guard nodes[links[index].asker].running?.admits(introduced.peer) ?? false else {
        return askForSuccessions(index)
      }
      links[index].phase = .proving(introduced)
      post(index, .session, introduced.message3)
    } catch { failed(index, error) }
  }

  func begun(_ index: Int, _ introduced: HelloInitiator.Introduced, _ bytes: [UInt8]) {
    do throws(HelloRefusal) {
      let session = try introduced.finished(by: bytes)
      var channels: [ExchangeChannel: AskingChannel] = [:]
      for channel in ExchangeChannel.allCases {
        channels[channel] = AskingChannel(
          session, machine: links[index].machines[channel] ?? ExchangeMachine(channel))
      }
      links[index].phase = .exchanging(session, channels)
      links[index].peer = session.peer
      for channel in ExchangeChannel.allCases { wake(index, channel) }
    } catch { failed(index, error) }
  }

  /// No session comes of it: one of both may have another key.
  private func failed(_ index: Int, _ refusal: HelloRefusal) {
    guard refusal == .peer || refusal == .membership else { return links[index].endSession() }
    askForSuccessions(index)
  }

  /// Whoever answers learns how the asker's clock goes, and says what its own does.
  func measure(_ index: Int, _ letter: UInt64) {
    let (asker, other) = (nodes[links[index].asker], nodes[links[index].other])
    let mine = ClockReading(other.clockEpoch, bootUs: other.bootUs(nowUs))
    if let (theirs, echoUs) = links[index].clockAt[letter] {
      other.change {
        var meter = $0.meters[index] ?? PeerClockMeter()
        if let clock = meter.take(theirs, echo: echoUs, nowUs: mine.bootUs) {
          $0.clocks[asker.key.id] = clock
        }
        $0.meters[index] = meter
      }
    }
    links[index].answerAt[letter] = mine
  }

  /// Whoever asked learns how the other's clock goes.
  func learnClock(_ index: Int, _ letter: UInt64, _ askedUs: Int64) {
    let (asker, other) = (nodes[links[index].asker], nodes[links[index].other])
    let sent = links[index].clockAt.removeValue(forKey: letter)?.reading
    guard let sent, let theirs = links[index].answerAt.removeValue(forKey: letter),
      sent.clockEpoch == asker.clockEpoch
    else { return }
    links[index].echoUs = theirs.bootUs
    asker.change { $0.clocks[other.key.id] = PeerClock(theirs, sinceUs: sent.bootUs) }
  }
}
