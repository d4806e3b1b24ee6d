import Protocol

@testable import ProtocolSearch

/// A body as the vectors file writes it, and how it is written again from what was read.
///
/// `again` is nil for a message that a writer here would not write so.
struct MessageText {
  var text: String
  var again: [UInt8]?

  init(_ bytes: [UInt8], bodyBytesMax: Int) throws(Malformed) {
    let body = bytes.span
    guard let first = bytes.first, let type = MessageType(rawValue: first) else {
      self.init("type=unknown", nil)
      return
    }
    switch type {
    case .hello: try self.init(hello: bytes)
    case .samples: try self.init(samples: bytes, bodyBytesMax: bodyBytesMax)
    case .provision:
      let message = try Provision(body)
      self.init("type=provision nonce=\(message.nonce) id=\(message.deviceId)") {
        message.write(into: &$0)
      }
    case .descriptorRead:
      let message = try DescriptorRead(body)
      self.init("type=descriptor-read offset=\(message.offset) length=\(message.length)") {
        message.write(into: &$0)
      }
    case .descriptor:
      let message = try DescriptorChunk(body)
      let part = Array(bytes[DescriptorChunk.bytesAt...])
      self.init("type=descriptor offset=\(message.offset) bytes=\(hexText(part))") {
        DescriptorChunk.write(offset: message.offset, bytes: part.span, into: &$0)
      }
    case .resume:
      let message = try Resume(body)
      self.init(message.text) { message.write(into: &$0) }
    case .ack:
      let message = try Ack(body)
      self.init(message.text) { message.write(into: &$0) }
    case .gap:
      let message = try Gap(body)
      self.init("type=gap index=\(message.index) first=\(message.first) count=\(message.count)") {
        message.write(into: &$0)
      }
    case .command:
      let message = try Command(body)
      let arguments = Array(bytes[Command.argumentsAt...])
      self.init(
        "type=command epoch=\(message.epoch) session=\(message.session) id=\(message.id)"
          + " life=\(message.lifeMs) lease=\(message.leaseMs) op=\(message.op)"
          + " arguments=\(hexText(arguments))"
      ) { message.write(arguments: arguments.span, into: &$0) }
    case .result:
      let message = try CommandResult(body)
      self.init(message.text) { message.write(into: &$0) }
    case .time:
      let message = try TimeProbe(body)
      self.init("type=time cookie=\(message.cookie)") { message.write(into: &$0) }
    case .timeReply:
      let message = try TimeReply(body)
      self.init(
        "type=time-reply cookie=\(message.cookie) ticks=\(message.ticks)"
          + " segment=\(message.segment)"
      ) { message.write(into: &$0) }
    case .log:
      let message = try LogLine(body)
      let text = Array(bytes[LogLine.textAt...])
      self.init("type=log level=\(message.level) text=\(hexText(text))") {
        LogLine.write(level: message.level, text: text.span, into: &$0)
      }
    case .resetToBoot:
      let message = try ResetToBoot(body)
      self.init("type=reset-to-boot id=\(message.deviceId)") { message.write(into: &$0) }
    }
  }

  private init(_ text: String, _ again: [UInt8]?) {
    self.text = text
    self.again = again
  }

  private init(_ text: String, write: (inout Body) -> Void) {
    self.init(text, Body(write).array)
  }

  private init(hello bytes: [UInt8]) throws(Malformed) {
    if let other = Hello.versionAndId(of: bytes.span), other.version != Hello.version {
      self.init("type=hello-other version=\(other.version) id=\(other.deviceId)", nil)
      return
    }
    let message = try Hello(bytes.span)
    var text =
      "type=hello unwritable=\(message.identityUnwritable ? 1 : 0) id=\(message.deviceId)"
      + " nonce=\(message.nonce) hint=\(message.hardwareHint) hash=\(message.descriptorHash)"
      + " descriptor=\(message.descriptorBytes) tohost=\(message.bodyBytesToHostMax)"
      + " toboard=\(message.bodyBytesToBoardMax) window=\(message.windowBytes)"
      + " ring=\(message.ringCapacity) rate=\(message.samplesPer1000s)"
    for index in 0..<message.epochCount {
      let entry = message.epochs[index]
      text += " e=\(entry.epoch),\(entry.oldest),\(entry.next)"
    }
    self.init(text) { message.write(into: &$0) }
  }

  private init(samples bytes: [UInt8], bodyBytesMax: Int) throws(Malformed) {
    let message = try SamplesDecoder(bytes.span)
    var text = "type=samples index=\(message.index) first=\(message.first) count=\(message.count)"
    var samples: [Sample] = []
    var holdsText = false
    try SamplesDecoder.forEach(in: bytes.span) { sample in
      samples.append(sample)
      text += " s=\(sample.channel),\(sample.ticks),"
      switch sample.value {
      case .integer(let value): text += "i,\(value)"
      case .float(let value):
        let digits = String(value.bitPattern, radix: 16)
        text += "f," + String(repeating: "0", count: 16 - digits.count) + digits
      case .text(let offset, let count):
        text += "t," + hexText(Array(bytes[offset..<offset + count]))
        holdsText = true
      }
    }
    if holdsText {
      self.init(text, nil)
      return
    }
    var body = Body()
    let written = SamplesEncoder.encode(
      index: message.index, first: message.first, end: message.first + message.count,
      from: ListSource(first: message.first, samples: samples), bodyBytesMax: bodyBytesMax,
      into: &body)
    // Another encoder may have found a shorter form of what does not fit here.
    self.init(text, written == message.count ? body.array : nil)
  }
}

extension Resume {
  fileprivate var text: String {
    var text = "type=resume session=\(session) limit=\(limit)"
    for index in 0..<count {
      text += " e=\(entries[index].epoch),\(entries[index].durable)"
    }
    return text
  }
}

extension Ack {
  fileprivate var text: String {
    "type=ack epoch=\(epoch) durable=\(durable) received=\(received)"
      + " limit=\(limit) again=\(again ? 1 : 0)"
  }
}

extension CommandResult {
  fileprivate var text: String {
    "type=result attached=\(attached) session=\(session) id=\(id)"
      + " status=\(status.rawValue) value=\(value)"
  }
}
