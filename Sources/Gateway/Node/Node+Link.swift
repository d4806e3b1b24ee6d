internal import Devices
internal import Model
internal import Protocol
internal import Reactor
internal import Storage
internal import Sync

/// What boards say, and what follows.
extension Node {
  func take(_ event: LinkEvent, _ attachment: Attachment) {
    lookForAnotherReader(attachment)
    switch event {
    case .hello(let hello): greet(hello, attachment)
    case .otherVersion(let version): refuseVersion(version, attachment)
    case .descriptor(let descriptor, let hash, let bytes):
      learn(descriptor, hash: hash, bytes: bytes, attachment)
    case .attached: noteAttached(attachment)
    case .samples(let epoch, let run): store(run, epoch: epoch, attachment)
    case .gap(let epoch, let first, let count):
      noteGap(epoch: epoch, first: first, count: count, attachment)
    case .result(let key, let status, let value):
      if let identity = attachment.identity {
        tell(.result(identity, key, status, value: value))
        offerLine(attachment)
        noteOutputs(heard: identity)
      }
    case .notReceived(let key):
      if let identity = attachment.identity {
        tell(.notReceived(identity, key))
        offerLine(attachment)
        noteOutputs(heard: identity)
      }
    case .lost(let key):
      if let identity = attachment.identity {
        tell(.lost(identity, key))
        offerLine(attachment)
        noteOutputs(heard: identity)
      }
    case .line(let text, let isLog):
      attachment.keep(text)
      if !isLog { decide(.textHeard(syspath: attachment.syspath, line: text)) }
      log.write(.debug, "device.line", ["port": attachment.syspath, "text": text])
    case .probe(let probe): fit(probe, attachment)
    case .detached:
      if let identity = attachment.identity { noteDetached(identity) }
      publish(attachment.identity)
    case .gone(let error): lose(attachment, error)
    }
  }

  /// Corrupt frames may mean that another process takes bytes from the line: looked for after every
  /// few of them, at most every 10 s.
  private func lookForAnotherReader(_ attachment: Attachment) {
    let corrupt = attachment.link.framesCorrupt
    guard corrupt &- attachment.corruptLooked >= 3, !attachment.isSimulated else { return }
    let nowUs = Clock.bootUs()
    guard nowUs - attachment.lookedUs >= 10_000_000 else { return }
    attachment.corruptLooked = corrupt
    attachment.lookedUs = nowUs
    let node = attachment.link.port.devnode
    Task { @Loop in
      let holders = await diagnosis.holders(of: node)
      if let holder = holders.first {
        attachment.problem = Problems.shared(node, holder)
      } else if attachment.problem?.code == "port.shared" {
        attachment.problem = nil
      }
      publish(attachment.identity)
    }
  }

  // MARK: HELLO

  private func greet(_ hello: Hello, _ attachment: Attachment) {
    attachment.hellos += 1
    if let before = attachment.hello, before.nonce != hello.nonce { attachment.reboots += 1 }
    let syspath = attachment.syspath
    if hello.identityUnwritable {
      attachment.problem = ProblemView(
        code: "identity.storage",
        detail: "the board cannot write its identity record, so it numbers no samples: its EEPROM"
          + " or flash is worn out or locked")
    }
    decide(.helloHeard(syspath: syspath, hello: facts(hello)))
    guard hello.deviceId != 0, attachments[syspath] === attachment,
      let identity = registry.port(at: syspath)?.binding
    else {
      attachment.hello = hello
      return publish(portAt: syspath)
    }
    welcome(hello, as: identity, attachment)
  }

  private func facts(_ hello: Hello) -> HelloFacts {
    HelloFacts(
      companionId: (0..<8).map { UInt8(truncatingIfNeeded: hello.deviceId >> (8 * UInt64($0))) },
      bootNonce: hello.nonce, hardwareHint: hello.hardwareHint,
      descriptorHash: hello.descriptorHash,
      model: descriptors[hello.descriptorHash]?.model ?? "")
  }

  private func welcome(_ hello: Hello, as identity: DeviceIdentity, _ attachment: Attachment) {
    switch CursorJudge.judge(hello, as: identity, known: recorder.cursors(of: identity)) {
    case .same(let open, let close):
      begin(hello, as: identity, open: open, close: close, attachment)
    case .copy:
      say(
        attachment, .warning, "board.copy", ["device": identity.text, "port": attachment.syspath])
      decide(.copyHeard(syspath: attachment.syspath))
      guard let other = registry.port(at: attachment.syspath)?.binding, other != identity,
        case .same(let open, let close) = CursorJudge.judge(
          hello, as: other, known: recorder.cursors(of: other))
      else {
        attachment.problem = ProblemView(
          code: "clone", parameters: ["device": identity.text],
          detail: "this board says that it is \(identity.text), which is another one: answer the"
            + " question about it, or erase its identity record")
        return publish(portAt: attachment.syspath)
      }
      begin(hello, as: other, open: open, close: close, attachment)
    }
  }

  private func begin(
    _ hello: Hello, as identity: DeviceIdentity, open: [Cursor], close: [Cursor],
    _ attachment: Attachment
  ) {
    attachment.begin(identity, hello)
    notePresence(of: identity)
    // What the node has no room for stays on the board, which says HELLO again.
    guard admitDevice(identity, attachment) else { return attachment.link.restart() }
    if let known = descriptors[hello.descriptorHash] {
      guard admit(known, hash: hello.descriptorHash, of: identity, attachment) else {
        return attachment.link.restart()
      }
    }
    guard number(identity, open: open, close: close, attachment) else {
      // The batch is full: the board says HELLO again, and by then a commit has made room.
      recorder.hurry()
      return attachment.link.restart()
    }
    // What another board of its model said is not on record as this one's, here or elsewhere.
    let isDescribed = descriptorOf[identity] == hello.descriptorHash
    var plan = AttachPlan(
      nonce: hello.nonce, session: session(),
      descriptorKnown: isDescribed && descriptors[hello.descriptorHash] != nil,
      carried: desk.carried(for: identity))
    for index in 0..<hello.epochCount {
      let entry = hello.epochs[index]
      plan.cursors[index] = cursor(of: identity, entry)
    }
    if let known = descriptors[hello.descriptorHash] { attachment.describe(known) }
    if !attachment.link.attach(plan) {
      say(attachment, .info, "board.hello.stale", ["device": identity.text])
    }
    publish(identity)
  }

  /// Closes the epochs that ended and opens those that run; false when the batch is full.
  private func number(
    _ identity: DeviceIdentity, open: [Cursor], close: [Cursor], _ attachment: Attachment
  ) -> Bool {
    for cursor in close {
      let outcome = recorder.add {
        $0.close(device: identity, epoch: cursor.epoch, unknownTail: cursor.ringCapacity)
      }
      guard outcome == .taken else { return false }
      attachment.unknownTail += UInt64(cursor.ringCapacity)
    }
    return open.allSatisfy { cursor in recorder.add { $0.open(cursor) } }
  }

  private func cursor(
    of identity: DeviceIdentity, _ entry: Hello.Epoch
  ) -> AttachPlan.Cursor {
    guard let cursor = recorder.cursor(of: identity, epoch: entry.epoch) else {
      return AttachPlan.Cursor(durable: 0)
    }
    // A closed epoch takes no more samples: the board may forget them.
    if cursor.isClosed { return AttachPlan.Cursor(durable: entry.next) }
    let durable = recorder.durable.cursor(of: identity, epoch: entry.epoch)?.next ?? 0
    return AttachPlan.Cursor(durable: min(durable, entry.next), received: cursor.next)
  }

  private func session() -> UInt32 {
    let number = UInt32(truncatingIfNeeded: random())
    return number == 0 ? 1 : number
  }

  private func refuseVersion(_ version: UInt8, _ attachment: Attachment) {
    attachment.problem = ProblemView(
      code: "link.version", parameters: ["version": "\(version)"],
      detail: "the board speaks version \(version) of the link protocol, this program version 1:"
        + " install a newer Bivouac, or older firmware")
    say(
      attachment, .warning, "board.version", ["port": attachment.syspath, "version": "\(version)"])
    publish(portAt: attachment.syspath)
  }

  private func learn(
    _ descriptor: BoardDescriptor?, hash: UInt64, bytes: [UInt8], _ attachment: Attachment
  ) {
    guard let descriptor, let identity = attachment.identity else {
      attachment.describe(BoardDescriptor())
      attachment.problem = ProblemView(
        code: "descriptor.invalid",
        detail: "the board's description of itself cannot be read: its readings are kept under"
          + " the names ch0, ch1, ...; its firmware needs a repair")
      return publish(attachment.identity)
    }
    if attachment.problem?.code == "descriptor.invalid" { attachment.problem = nil }
    if descriptors.count >= Self.descriptorsMax, let any = descriptors.keys.min() {
      descriptors[any] = nil
    }
    descriptors[hash] = descriptor
    descriptorOf[identity] = hash
    attachment.describe(descriptor)
    attachment.descriptorsRead += 1
    // A board that describes itself anew all the time is heard, but does not fill the disk.
    if attachment.descriptorsRead <= Attachment.descriptorsWrittenMax {
      recorder.note(.descriptor(DescriptorSeen(identity: identity, hash: hash, bytes: bytes)))
    }
    guard let hello = attachment.hello else { return }
    guard admit(descriptor, hash: hash, of: identity, attachment) else {
      attachment.link.restart()
      return publish(identity)
    }
    // Now that the model is known the registry may see that this is not the device it took it for;
    // it then binds another identity, and the session starts anew.
    decide(.helloHeard(syspath: attachment.syspath, hello: facts(hello)))
    publish(identity)
  }

  private func noteAttached(_ attachment: Attachment) {
    say(
      attachment, .notice, "board.attached",
      [
        "device": attachment.identity?.text ?? "", "model": attachment.descriptor.model,
        "epoch": "\(attachment.hello?.epochs[0].epoch ?? 0)", "port": attachment.syspath,
      ])
    if ["link.version", "clone"].contains(attachment.problem?.code) { attachment.problem = nil }
    offerLine(attachment)
    noteOutputs(attached: attachment.identity)
    publish(attachment.identity)
  }

  // MARK: Samples

  private func store(_ run: SampleRun, epoch: UInt32, _ attachment: Attachment) {
    guard let identity = attachment.identity else { return }
    let nowUs = Clock.bootUs()
    attachment.shown.prepare(for: run)
    guard let channels = recordedChannels(attachment) else {
      return refuse(.full, run.samples.count, attachment)
    }
    let taps = taps(of: attachment)
    var judged: [Range<Int>] = []
    var refused: ReadingBatch.Outcome?
    var (taken, at) = (0, 0)
    recorder.add { batch in
      while at < run.samples.count, refused == nil {
        let outcome = batch.append(
          device: identity, epoch: epoch, run: run, from: at, channels: channels)
        taken += outcome.taken
        at += outcome.passed
        attachment.shown.take(run, (at - outcome.taken)..<at, epoch: epoch, arrivalUs: nowUs)
        if taps != nil, outcome.taken > 0 { judged.append((at - outcome.taken)..<at) }
        guard outcome.stopped == .invalid else {
          refused = outcome.stopped
          continue
        }
        // Asking again would bring the same sample for ever: its place is kept as a gap.
        _ = batch.gap(device: identity, epoch: epoch, first: run.samples[at].seq, count: 1)
        if channels[Int(run.samples[at].channel)].key.isEmpty {
          refuseOverLimit(attachment)
        } else {
          reject(1, attachment)
        }
        at += 1
      }
    }
    attachment.stored += UInt64(taken)
    if attachment.awaitsFirst, taken > 0 {
      attachment.awaitsFirst = false
      recorder.hurry()
    }
    if let taps { judge(run, judged, epoch: epoch, nowUs: nowUs, taps, attachment) }
    if let refused { return refuse(refused, run.samples.count - at, attachment) }
    hurryIfRingFills(epoch, attachment)
    if feed.isWatched { publish(run, epoch: epoch, arrivalUs: nowUs, attachment) }
  }

  /// Samples that no commit can hold: counted and shown on the device; the board goes on.
  private func reject(_ count: UInt64, _ attachment: Attachment) {
    if attachment.rejected == 0 {
      say(attachment, .warning, "readings.rejected", ["device": attachment.identity?.text ?? ""])
    }
    attachment.rejected += count
    attachment.problem = ProblemView(
      code: "samples.rejected", parameters: ["count": "\(attachment.rejected)"],
      detail: "\(attachment.rejected) sample(s) of this board break the rules and are kept as"
        + " gaps: its firmware needs a repair")
  }

  /// What the batch does not take stays on the board: the session starts anew from what was taken.
  private func refuse(
    _ outcome: ReadingBatch.Outcome, _ count: Int, _ attachment: Attachment
  ) {
    attachment.refused += UInt64(count)
    recorder.hurry()
    attachment.link.restart()
    say(
      attachment, .warning, "readings.refused",
      ["device": attachment.identity?.text ?? "", "why": "\(outcome)", "count": "\(count)"])
  }

  private func hurryIfRingFills(_ epoch: UInt32, _ attachment: Attachment) {
    guard let capacity = attachment.hello?.ringCapacity else { return }
    recorder.ring(
      unacknowledged: attachment.link.unacknowledged(ofEpoch: epoch), capacity: capacity)
  }

  private func noteGap(epoch: UInt32, first: UInt32, count: UInt32, _ attachment: Attachment) {
    guard let identity = attachment.identity else { return }
    let outcome = recorder.add {
      $0.gap(device: identity, epoch: epoch, first: first, count: count)
    }
    switch outcome {
    case .taken: break
    case .repeated: return
    case .invalid: return reject(UInt64(count), attachment)
    case .full, .hole, .notOpen: return refuse(outcome, Int(count), attachment)
    }
    attachment.declaredLost += UInt64(count)
    hurryIfRingFills(epoch, attachment)
    say(
      attachment, .warning, "board.gap",
      ["device": identity.text, "epoch": "\(epoch)", "first": "\(first)", "count": "\(count)"])
  }

  /// The disk has these: only now are the boards told.
  func noteDurable(_ cursors: [Cursor]) {
    for cursor in cursors {
      guard let port = registry.port(of: cursor.identity),
        let attachment = attachments[port.facts.syspath], attachment.identity == cursor.identity
      else { continue }
      attachment.link.committed(epoch: cursor.epoch, durable: cursor.next)
    }
  }

  // MARK: Time

  private func fit(_ probe: ClockProbe, _ attachment: Attachment) {
    guard attachment.fit.add(probe), let line = attachment.fit.line,
      let identity = attachment.identity, let epoch = attachment.hello?.epochs[0].epoch
    else { return }
    guard isWorthWriting(line, after: attachment.fitWritten), line.bootUs >= 0, line.boundUs >= 0
    else { return }
    attachment.fitWritten = line
    recorder.note(
      .clockFit(
        Sync.ClockFit(
          identity: identity, epoch: epoch, segmentStartMs: Int64(line.segment),
          referenceTicksMs: Int64(line.ticks), referenceBootUs: line.bootUs,
          ratePpb: line.ratePpb, boundUs: line.boundUs, isGood: line.quality == .good)))
  }

  /// A fit is written when it is the first of its segment, when it becomes good, and when it moved
  /// by more than its bound; not at every probe, since each record costs a write.
  private func isWorthWriting(_ line: ClockLine, after written: ClockLine?) -> Bool {
    guard let written, written.segment == line.segment else { return true }
    if written.quality != line.quality { return line.quality == .good }
    if line.quality == .provisional { return line.boundUs * 2 < written.boundUs }
    let expectedUs = written.bootUs(atTicks: line.lastTicks)
    let actualUs = line.bootUs(atTicks: line.lastTicks)
    return (expectedUs - actualUs).magnitude > 2 * written.boundUs.magnitude
  }
}
