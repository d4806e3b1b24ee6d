extension DeviceSession {
  /// Composes the first message that is due; false when none is.
  mutating func compose<Port: DevicePort & ~Copyable>(_ port: borrowing Port) -> Bool {
    var body = Body()
    if isResultDue {
      CommandResult(
        attached: session, session: last.session, id: last.id, status: last.status,
        value: last.value
      ).write(into: &body)
      isResultDue = false
    } else if let probe = timeDue {
      TimeReply(cookie: probe.cookie, ticks: now, segment: segment).write(into: &body)
      timeDue = nil
    } else if let read = descriptorDue {
      composeDescriptor(read, port: port, into: &body)
      descriptorDue = nil
    } else if isHelloDue {
      hello(port).write(into: &body)
      isHelloDue = false
      if state == .unattached {
        sentTicks = now
        if now - sinceTicks >= 10_000 { isSlow = true }
      }
    } else if state != .attached {
      return false
    } else if send < ring.oldest {
      Gap(index: 0, first: send, count: ring.oldest - send).write(into: &body)
      send = ring.oldest
      sentTicks = now
    } else {
      guard composeSamples(into: &body) else { return false }
    }
    begin(body)
    return true
  }

  private mutating func composeDescriptor<Port: DevicePort & ~Copyable>(
    _ read: DescriptorRead, port: borrowing Port, into body: inout Body
  ) {
    let most = Int(settings.bodyBytesToHostMax) - DescriptorChunk.bytesAt
    // Two at a time: `min` of three takes an array.
    let rest = min(most, Int(settings.descriptorBytes) - Int(read.offset))
    let count = min(Int(read.length), rest)
    body.append(MessageType.descriptor.rawValue)
    body.append(u16: read.offset)
    for index in 0..<count { body.append(port.descriptorByte(at: Int(read.offset) + index)) }
  }

  private mutating func hello<Port: DevicePort & ~Copyable>(_ port: borrowing Port) -> Hello {
    var hash = Fnv1a()
    for offset in 0..<Int(settings.descriptorBytes) {
      hash.update(port.descriptorByte(at: offset))
    }
    var hello = Hello()
    hello.identityUnwritable = isUnwritable
    hello.deviceId = deviceId
    hello.nonce = nonce
    hello.hardwareHint = settings.hardwareHint
    hello.descriptorHash = hash.value
    hello.descriptorBytes = settings.descriptorBytes
    hello.bodyBytesToHostMax = settings.bodyBytesToHostMax
    hello.bodyBytesToBoardMax = settings.bodyBytesToBoardMax
    hello.windowBytes = settings.windowBytes
    hello.ringCapacity = UInt32(capacity)
    hello.samplesPer1000s = settings.samplesPer1000s
    hello.append(Hello.Epoch(epoch: epoch, oldest: ring.oldest, next: ring.next))
    return hello
  }

  /// Encodes what may be sent; false, and nothing changed, when it neither fills a body nor waits
  /// for long enough.
  private mutating func composeSamples(into body: inout Body) -> Bool {
    let end = min(limit, ring.next)
    guard end > send else { return false }
    let isOld = now - ring.samples.sample(at: send).ticks >= UInt64(settings.batchMs)
    if !isOld && unfilled == (send, end) { return false }
    let count = SamplesEncoder.encode(
      index: 0, first: send, end: end, from: ring.samples,
      bodyBytesMax: Int(settings.bodyBytesToHostMax), into: &body)
    if !isOld && send + count == end {
      unfilled = (send, end)
      return false
    }
    send += count
    sentTicks = now
    return true
  }
}
