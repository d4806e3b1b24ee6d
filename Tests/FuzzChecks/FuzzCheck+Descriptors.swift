import Protocol

extension FuzzCheck {
  /// Descriptors: what the summary counts is what the readers give, and lies within the bytes.
  public static let descriptors = FuzzCheck(
    name: "descriptors",
    problem: { bytes in
      guard let summary = decoded(bytes.span, DescriptorReader.summary) else { return nil }
      var problem: String?
      let whole = 0..<bytes.count
      func note(_ ranges: [Range<Int>], _ what: String) {
        for range in ranges where !whole.contains(range) && !range.isEmpty { problem = what }
      }
      note([summary.model, summary.firmware], "a summary outside of the bytes")
      var channels = 0
      var commands = 0
      var arguments = 0
      do throws(Malformed) {
        try DescriptorReader.forEachChannel(bytes.span) { channel throws(Malformed) in
          channels += 1
          note([channel.key, channel.unit, channel.label], "a channel outside of the bytes")
        }
        try DescriptorReader.forEachCommand(bytes.span) { command throws(Malformed) in
          commands += 1
          arguments += command.argumentCount
          note([command.name, command.fields], "a command outside of the bytes")
          try DescriptorReader.forEachArgument(of: command, bytes.span) {
            argument throws(Malformed) in
            arguments -= 1
            note([argument.name], "an argument outside of the bytes")
          }
        }
      } catch {
        return "a descriptor is taken as a whole and refused in its parts"
      }
      if channels != summary.channelCount || channels > Limits.channelsMax {
        return "\(channels) channels, \(summary.channelCount) in the summary"
      }
      if commands != summary.commandCount || arguments != 0 { return "commands are miscounted" }
      return problem
    },
    seeds: { Seeds.link(of: ["descriptor"]) })
}
