internal import Model
internal import Sync

/// Says in one sentence what went and nobody has seen.
enum TrimmingAlarm {
  /// Channels that the sentence names.
  private static let named = 3

  /// The alarm; nil where everything was seen.
  static func view(_ fold: TrimmingFold) -> ProblemView? {
    guard fold.unseenCount > 0 else { return nil }
    var sums: [String: Int64] = [:]
    var readings: Int64 = 0
    var hasQuota = false
    var more: Int64 = 0
    var alone: Int64 = 0
    for entry in fold.entries where entry.seen == nil {
      for series in entry.trimming.series {
        let name = series.device.text + "/" + series.channel
        sums[name] = max(sums[name] ?? 0, series.readings)
        if series.reason.isQuota { hasQuota = true }
      }
      alone &+= entry.trimming.unacknowledged
      readings &+= entry.trimming.readings
      more += entry.trimming.rest.series
    }
    let order = sums.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let names = order.prefix(named).map(\.key)
    more += Int64(order.count - names.count)
    let channels = names.joined(separator: ", ") + (more > 0 ? " (+\(more))" : "")
    let why = hasQuota ? "of a quota" : "the disk was full"
    return ProblemView(
      code: "retention.went",
      parameters: [
        "readings": "\(readings)", "channels": channels,
        "reason": hasQuota ? "quota" : "space", "records": "\(fold.unseenCount)",
        "unacknowledged": "\(alone)",
      ],
      detail: "because \(why), \(readings) readings of \(channels) are kept only as sums of"
        + " minutes or quarter hours"
        + (alone > 0 ? ", and no keeper had \(alone) of them" : "")
        + ": bivouac retention says which, and bivouac retention acknowledge ends this notice")
  }
}
