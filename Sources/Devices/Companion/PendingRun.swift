internal import Model
internal import Protocol

/// The samples of one read, over the frames that carry them on without a break.
struct PendingRun {
  /// What was read: up to `accepted` the session has taken it, the rest is of the frame in hand.
  private(set) var run = SampleRun()
  private var epoch: UInt32 = 0
  private var accepted = 0

  init(reserving count: Int) {
    if count > 0 { run.samples.reserveCapacity(count) }
  }

  mutating func beginFrame() { accepted = run.samples.count }

  /// Adds a sample of the frame in hand.
  mutating func add(_ sample: Sample, _ body: Span<UInt8>) {
    let content: NumberedSample.Content
    switch sample.value {
    case .integer(let mantissa): content = .decimal(mantissa)
    case .float(let number): content = .float(bits: number.bitPattern)
    case .text(let offset, let count):
      content = .text(run.texts.count)
      run.texts.append(LinkText.value(body.extracting(offset..<offset + count)))
    }
    run.samples.append(
      NumberedSample(
        seq: sample.seq, ticksMs: sample.ticks, channel: sample.channel, content: content))
  }

  /// Takes the last `count` samples of the frame in hand, from `first` on; those before them are
  /// repeated. Gives out what came before the frame, where this does not carry it on.
  mutating func accept(epoch: UInt32, first: UInt32, count: UInt32) -> LinkEvent? {
    let repeated = run.samples.count - accepted - Int(count)
    if repeated > 0 { run.samples.removeSubrange(accepted..<accepted + repeated) }
    precondition(
      repeated >= 0 && run.samples[accepted].seq == first,
      "the session counts other samples than it read")
    var ended: LinkEvent?
    if accepted > 0,
      self.epoch != epoch
        || run.samples[accepted - 1].seq.addingReportingOverflow(1) != (first, false)
    {
      var rest = SampleRun()
      rest.samples = Array(run.samples[accepted...])
      rest.texts = run.texts
      run.samples.removeSubrange(accepted...)
      ended = .samples(epoch: self.epoch, run)
      run = rest
    }
    self.epoch = epoch
    accepted = run.samples.count
    return ended
  }

  /// Drops what the session did not take of the frame in hand.
  mutating func endFrame() {
    if run.samples.count > accepted { run.samples.removeSubrange(accepted...) }
  }

  /// Gives out what was accepted, nil when nothing was.
  mutating func take() -> LinkEvent? {
    guard accepted > 0 else { return nil }
    var ended = run
    if run.samples.count == accepted {
      run = SampleRun()
    } else {
      ended.samples.removeSubrange(accepted...)
      run.samples.removeSubrange(..<accepted)
    }
    accepted = 0
    return .samples(epoch: epoch, ended)
  }
}
