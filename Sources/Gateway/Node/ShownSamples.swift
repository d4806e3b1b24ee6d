internal import Devices
internal import Model

/// The channels of a board and the last sample of each, not yet in the form people see.
struct ShownSamples {
  /// A channel's last sample.
  struct Last {
    var sample: NumberedSample
    var epoch: UInt32
    var arrivalUs: Int64
  }

  /// Those of the descriptor, and more where a sample named one that is not there.
  private(set) var channels: [Channel]
  private var entries: [Last?]
  /// What the last samples that are text say.
  private var texts: [UInt8: String] = [:]

  /// Begins with no sample of any channel.
  init(channels: [Channel] = []) {
    self.channels = channels
    entries = [Last?](repeating: nil, count: channels.count)
  }

  /// Forgets the samples.
  mutating func forget() { self = ShownSamples(channels: channels) }

  /// Makes sure that every sample of a run has a channel.
  mutating func prepare(for run: SampleRun) {
    for sample in run.samples where Int(sample.channel) >= channels.count {
      for added in channels.count...Int(sample.channel) {
        channels.append(BoardDescriptor.undescribed(added))
        entries.append(nil)
      }
    }
  }

  /// Takes the samples of a run, which was prepared for, that were stored.
  mutating func take(_ run: SampleRun, _ stored: Range<Int>, epoch: UInt32, arrivalUs: Int64) {
    let samples = run.samples.span
    for index in stored {
      let sample = samples[index]
      entries[Int(sample.channel)] = Last(sample: sample, epoch: epoch, arrivalUs: arrivalUs)
      if case .text(let text) = sample.content { texts[sample.channel] = run.texts[text] }
    }
  }

  /// The last sample of a channel, and what it says.
  func last(_ channel: Int) -> (sample: Last, value: SampleValue)? {
    guard let last = entries[channel] else { return nil }
    switch last.sample.content {
    case .decimal(let mantissa): return (last, .decimal(mantissa))
    case .float(let bits): return (last, .float(bits: bits))
    case .text: return (last, .text(texts[last.sample.channel] ?? ""))
    }
  }
}
