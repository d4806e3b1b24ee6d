internal import Model
internal import Protocol

/// Messages of the link protocol as names and fields (firmware-spec/PROTOCOL.md, section 2).
enum MessageText {
  /// The item of one frame's body.
  static func item(_ body: Span<UInt8>) -> CaptureItem {
    var item = CaptureItem(
      offset: 0, kind: "frame", type: nil, text: nil, fields: [], body: hex(body))
    guard let type = MessageType(rawValue: body[0]) else {
      item.type = "unknown-" + Hex.text([body[0]])
      return item
    }
    item.type = name(type)
    do throws(Malformed) {
      item.fields = try fields(type, body)
    } catch {
      item.text = "malformed: \(error)"
      if type == .hello, let known = Hello.versionAndId(of: body), known.version != Hello.version {
        item.text = nil
        item.fields = [
          CaptureField("version", known.version), CaptureField("id", id(known.deviceId)),
        ]
      }
    }
    return item
  }

  static func name(_ type: MessageType) -> String {
    switch type {
    case .hello: "HELLO"
    case .provision: "PROVISION"
    case .descriptorRead: "DESCRIPTOR_READ"
    case .descriptor: "DESCRIPTOR"
    case .resume: "RESUME"
    case .samples: "SAMPLES"
    case .ack: "ACK"
    case .gap: "GAP"
    case .command: "COMMAND"
    case .result: "RESULT"
    case .time: "TIME"
    case .timeReply: "TIME_REPLY"
    case .log: "LOG"
    case .resetToBoot: "RESET_TO_BOOT"
    }
  }

  private static func fields(
    _ type: MessageType, _ body: Span<UInt8>
  ) throws(Malformed) -> [CaptureField] {
    switch type {
    case .hello: return hello(try Hello(body))
    case .provision:
      let message = try Provision(body)
      return [.init("nonce", message.nonce), .init("id", id(message.deviceId))]
    case .descriptorRead:
      let message = try DescriptorRead(body)
      return [.init("offset", message.offset), .init("length", message.length)]
    case .descriptor:
      let message = try DescriptorChunk(body)
      let bytes = body.extracting(
        DescriptorChunk.bytesAt..<(DescriptorChunk.bytesAt + message.count))
      return [.init("offset", message.offset), .init("bytes", hex(bytes))]
    case .resume: return resume(try Resume(body))
    case .samples: return try samples(body)
    case .ack:
      let message = try Ack(body)
      return [
        .init("epoch", message.epoch), .init("durable", message.durable),
        .init("received", message.received), .init("limit", message.limit),
        .init("again", message.again ? 1 : 0),
      ]
    case .gap:
      let message = try Gap(body)
      return [
        .init("index", message.index), .init("first", message.first),
        .init("count", message.count),
      ]
    case .command: return command(try Command(body), body)
    case .result: return result(try CommandResult(body))
    case .time: return [.init("cookie", try TimeProbe(body).cookie)]
    case .timeReply:
      let message = try TimeReply(body)
      return [
        .init("cookie", message.cookie), .init("ticks", message.ticks),
        .init("segment", message.segment),
      ]
    case .log:
      let message = try LogLine(body)
      return [
        .init("level", message.level),
        .init("text", text(body.extracting(LogLine.textAt..<body.count))),
      ]
    case .resetToBoot: return [.init("id", id(try ResetToBoot(body).deviceId))]
    }
  }

  private static func hello(_ message: Hello) -> [CaptureField] {
    var fields: [CaptureField] = [
      .init("id", id(message.deviceId)), .init("nonce", message.nonce),
      .init("hint", id(message.hardwareHint)), .init("hash", id(message.descriptorHash)),
      .init("descriptor", message.descriptorBytes), .init("to-host", message.bodyBytesToHostMax),
      .init("to-board", message.bodyBytesToBoardMax), .init("window", message.windowBytes),
      .init("ring", message.ringCapacity), .init("rate", message.samplesPer1000s),
    ]
    if message.identityUnwritable { fields.append(.init("flags", "identity-unwritable")) }
    for index in 0..<message.epochCount {
      let epoch = message.epochs[index]
      fields.append(.init("epoch", "\(epoch.epoch):\(epoch.oldest)-\(epoch.next)"))
    }
    return fields
  }

  private static func resume(_ message: Resume) -> [CaptureField] {
    var fields: [CaptureField] = [
      .init("session", message.session), .init("limit", message.limit),
    ]
    for index in 0..<message.count {
      let entry = message.entries[index]
      fields.append(.init("epoch", "\(entry.epoch):\(entry.durable)"))
    }
    return fields
  }

  private static func samples(_ body: Span<UInt8>) throws(Malformed) -> [CaptureField] {
    let message = try SamplesDecoder(body)
    var fields: [CaptureField] = [
      .init("index", message.index), .init("first", message.first),
      .init("count", message.count),
    ]
    var given: [Sample] = []
    try SamplesDecoder.forEach(in: body) { given.append($0) }
    for sample in given {
      let value: String =
        switch sample.value {
        case .integer(let number): "\(number)"
        case .float(let number): "\(number)"
        case .text(let offset, let count): text(body.extracting(offset..<(offset + count)))
        }
      fields.append(.init("ch\(sample.channel)@\(sample.ticks)", value))
    }
    return fields
  }

  private static func command(_ message: Command, _ body: Span<UInt8>) -> [CaptureField] {
    [
      .init("epoch", message.epoch), .init("session", message.session), .init("id", message.id),
      .init("life", message.lifeMs), .init("lease", message.leaseMs), .init("op", message.op),
      .init("arguments", hex(body.extracting(Command.argumentsAt..<body.count))),
    ]
  }

  private static func result(_ message: CommandResult) -> [CaptureField] {
    let status =
      switch message.status {
      case .done: "done"
      case .running: "running"
      case .failed: "failed"
      case .unknownOp: "unknown-op"
      case .badArgument: "bad-argument"
      case .expired: "expired"
      case .otherEpoch: "other-epoch"
      case .busy: "busy"
      case .refused: "refused"
      }
    return [
      .init("attached", message.attached), .init("session", message.session),
      .init("id", message.id), .init("status", status), .init("value", message.value),
    ]
  }

  private static func id(_ number: UInt64) -> String {
    Hex.text((0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) })
  }

  private static func bytes(_ span: Span<UInt8>) -> [UInt8] {
    span.indices.map { span[$0] }
  }

  private static func hex(_ span: Span<UInt8>) -> String { Hex.text(bytes(span)) }

  private static func text(_ span: Span<UInt8>) -> String {
    var shown: [UInt8] = []
    TextLine.escape(span) { shown.append($0) }
    return String(decoding: shown, as: UTF8.self)
  }
}
