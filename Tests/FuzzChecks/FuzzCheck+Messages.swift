import Protocol

extension FuzzCheck {
  /// Every message: what a decoder takes is written, read again and written again, all the same.
  public static let messages = FuzzCheck(
    name: "messages",
    problem: { bytes in
      let body = Array(bytes.prefix(Limits.bodyBytesMax))
      guard let first = body.first, let type = MessageType(rawValue: first) else { return nil }
      return Broken.problem { () throws(Broken) in
        try ofBoard(type, body)
        try ofHost(type, body)
      }
    },
    seeds: { Seeds.link(of: ["body"]) })

  private static func ofBoard(_ type: MessageType, _ body: [UInt8]) throws(Broken) {
    switch type {
    case .hello:
      try stable(body, Hello.init) { message, _, again in message.write(into: &again) }
    case .descriptor:
      try stable(body, DescriptorChunk.init) { message, bytes, again in
        DescriptorChunk.write(
          offset: message.offset, bytes: bytes.extracting(DescriptorChunk.bytesAt..<bytes.count),
          into: &again)
      }
    case .gap:
      try stable(body, Gap.init) { message, _, again in message.write(into: &again) }
    case .result:
      try stable(body, CommandResult.init) { message, _, again in message.write(into: &again) }
    case .timeReply:
      try stable(body, TimeReply.init) { message, _, again in message.write(into: &again) }
    case .log:
      try stable(body, LogLine.init) { message, bytes, again in
        LogLine.write(
          level: message.level, text: bytes.extracting(LogLine.textAt..<bytes.count), into: &again)
      }
    default: break
    }
  }

  private static func ofHost(_ type: MessageType, _ body: [UInt8]) throws(Broken) {
    switch type {
    case .provision:
      try stable(body, Provision.init) { message, _, again in message.write(into: &again) }
    case .descriptorRead:
      try stable(body, DescriptorRead.init) { message, _, again in message.write(into: &again) }
    case .resume:
      try stable(body, Resume.init) { message, _, again in message.write(into: &again) }
    case .ack:
      try stable(body, Ack.init) { message, _, again in message.write(into: &again) }
    case .command:
      try stable(body, Command.init) { message, bytes, again in
        message.write(
          arguments: bytes.extracting(Command.argumentsAt..<bytes.count), into: &again)
      }
    case .time:
      try stable(body, TimeProbe.init) { message, _, again in message.write(into: &again) }
    case .resetToBoot:
      try stable(body, ResetToBoot.init) { message, _, again in message.write(into: &again) }
    default: break
    }
  }

  /// A refusal is right; what is taken must come through writing unchanged.
  private static func stable<Message: Equatable>(
    _ body: [UInt8], _ read: (Span<UInt8>) throws(Malformed) -> Message,
    _ write: (Message, Span<UInt8>, inout Body) -> Void
  ) throws(Broken) {
    guard let message = decoded(body.span, read) else { return }
    var again = Body()
    write(message, body.span, &again)
    let name = "\(Message.self)"
    try Broken.expect(again.count <= body.count, "\(name) grows when it is written again")
    guard let second = decoded(again.span, read) else {
      throw Broken(what: "\(name) is refused as it is written")
    }
    try Broken.expect(second == message, "\(name) changes when it is written again")
    var third = Body()
    write(second, again.span, &third)
    try Broken.expect(third == again, "\(name) is never written the same twice")
  }

  /// What is read; nil when it is refused.
  static func decoded<Message>(
    _ bytes: Span<UInt8>, _ read: (Span<UInt8>) throws(Malformed) -> Message
  ) -> Message? {
    do throws(Malformed) {
      return try read(bytes)
    } catch {
      return nil
    }
  }
}
