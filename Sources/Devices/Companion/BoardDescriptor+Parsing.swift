internal import Model
internal import Protocol

extension BoardDescriptor {
  /// Reads a descriptor; nil when it breaks a rule of PROTOCOL.md section 3, since a board that
  /// misstates one thing of itself may misstate any.
  public init?(parsing bytes: [UInt8]) {
    self.init()
    do throws(Malformed) {
      let span = bytes.span
      let summary = try DescriptorReader.summary(span)
      model = Self.text(bytes, summary.model)
      firmware = Self.text(bytes, summary.firmware)
      try DescriptorReader.forEachChannel(span) { entry throws(Malformed) in
        channels.append(Self.channel(entry, bytes))
      }
      try DescriptorReader.forEachCommand(span) { entry throws(Malformed) in
        var command = Command(
          name: Self.text(bytes, entry.name), op: entry.op, arguments: [],
          takesLease: entry.takesLease, isSignal: entry.isSignal)
        try DescriptorReader.forEachArgument(of: entry, span) { argument throws(Malformed) in
          command.arguments.append(Self.argument(argument, bytes))
        }
        commands.append(command)
      }
    } catch {
      return nil
    }
  }

  private static func channel(_ entry: DescriptorChannel, _ bytes: [UInt8]) -> Channel {
    Channel(
      key: text(bytes, entry.key), unit: text(bytes, entry.unit),
      kind: Channel.Kind(rawValue: entry.kind) ?? .measurement, exponent: entry.exponent,
      range: entry.limits.map { $0.low...$0.high })
  }

  private static func argument(
    _ entry: DescriptorArgument, _ bytes: [UInt8]
  ) -> Command.Argument {
    Command.Argument(
      isText: entry.isText, exponent: entry.exponent, name: text(bytes, entry.name),
      range: entry.limits.map { $0.low...$0.high })
  }

  private static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }
}
