internal import Model

extension FieldWriter {
  mutating func text(_ text: String, max: Int) {
    precondition(text.utf8.count <= max, "a text of \(text.utf8.count) bytes")
    bytesV(text.utf8)
  }

  mutating func scope(_ scope: SeriesScope) {
    precondition(scope.isValid, "channel \(scope.channel ?? "")")
    identity(scope.device)
    bytes8((scope.channel ?? "").utf8)
  }

  mutating func withdrawal(_ withdrawal: Withdrawal) {
    raw(withdrawal.target.bytes)
    text(withdrawal.reason, max: Limits.reasonBytesMax)
  }

  mutating func deletion(_ deletion: Deletion) {
    precondition(!deletion.utc.isEmpty, "an empty deletion")
    precondition(deletion.pieces.count <= Limits.deletionPiecesMax, "too many pieces")
    raw(deletion.id.bytes)
    scope(deletion.scope)
    zigzag(deletion.utc.lowerBound)
    zigzag(deletion.utc.upperBound)
    varint(deletion.pieces.count)
    for piece in deletion.pieces {
      precondition(piece.times.lowerBound >= 0 && !piece.times.isEmpty, "piece \(piece)")
      switch piece.clock {
      case .node(let clockEpoch):
        u8(0)
        raw(clockEpoch.bytes)
      case .device(let epoch):
        u8(1)
        varint(UInt64(epoch))
      }
      varint(UInt64(piece.times.lowerBound))
      varint(UInt64(piece.times.upperBound))
    }
    text(deletion.reason, max: Limits.reasonBytesMax)
  }

  mutating func lateValues(_ late: LateValues) {
    precondition((1...Limits.latePointsMax).contains(late.points.count), "late values")
    precondition(late.boundUs >= 0, "bound \(late.boundUs)")
    raw(late.id.bytes)
    identity(late.device)
    channel(late.channel)
    varint(UInt64(late.boundUs))
    varint(late.points.count)
    var before: Int64 = 0
    for (index, point) in late.points.enumerated() {
      precondition(index == 0 || point.utcUs >= before, "late values out of order")
      zigzag(point.utcUs &- before)
      before = point.utcUs
      precondition(point.value.hasForm(late.channel.form), "a late value of another form")
      switch point.value {
      case .decimal(let mantissa): zigzag(mantissa)
      case .float(let bits): fixed(bits)
      case .text(let words): text(words, max: Value.textBytesMax)
      }
    }
    text(late.note, max: Limits.noteBytesMax)
  }

  mutating func annotation(_ annotation: Annotation) {
    precondition(annotation.fromUs <= annotation.toUs, "an annotation that ends first")
    precondition(!annotation.text.isEmpty, "an annotation of nothing")
    raw(annotation.id.bytes)
    switch annotation.subject {
    case .node(let node):
      u8(0)
      raw(node.bytes)
    case .series(let scope):
      u8(1)
      self.scope(scope)
    }
    zigzag(annotation.fromUs)
    zigzag(annotation.toUs)
    text(annotation.text, max: Limits.annotationBytesMax)
  }
}

extension FieldReader {
  @inline(never)
  mutating func factId() throws(DecodeError) -> FactId {
    guard let id = FactId(try raw(16)) else { throw error(.truncated) }
    return id
  }

  @inline(never)
  mutating func scope() throws(DecodeError) -> SeriesScope {
    let device = try identity()
    let start = offset
    let key = try name8()
    if key.utf8.isEmpty { return SeriesScope(device) }
    guard CommitChannel.isKey(key.utf8) else { throw DecodeError(.channel, at: start) }
    return SeriesScope(device, key.text)
  }

  mutating func withdrawal() throws(DecodeError) -> Withdrawal {
    Withdrawal(target: try factId(), reason: try textV(max: Limits.reasonBytesMax))
  }

  mutating func deletion() throws(DecodeError) -> Deletion {
    let id = try factId()
    let scope = try scope()
    let start = offset
    let from = try zigzag()
    let to = try zigzag()
    guard from < to else { throw DecodeError(.range, at: start) }
    let count = try count(max: Limits.deletionPiecesMax)
    var pieces: [Deletion.Piece] = []
    for _ in 0..<count { pieces.append(try piece()) }
    return Deletion(
      id: id, scope: scope, utc: from..<to, pieces: pieces,
      reason: try textV(max: Limits.reasonBytesMax))
  }

  @inline(never)
  private mutating func piece() throws(DecodeError) -> Deletion.Piece {
    let start = offset
    let clock: Deletion.Piece.Clock
    switch try u8() {
    case 0:
      guard let clockEpoch = ClockEpoch(try raw(16)) else { throw error(.truncated) }
      clock = .node(clockEpoch)
    case 1: clock = .device(epoch: try varint32())
    default: throw DecodeError(.range, at: start)
    }
    let from = try time()
    let to = try time()
    guard from < to else { throw DecodeError(.range, at: start) }
    return Deletion.Piece(clock: clock, times: from..<to)
  }

  mutating func lateValues() throws(DecodeError) -> LateValues {
    let id = try factId()
    let device = try identity()
    let channel = try channel()
    let boundUs = try time()
    let countAt = offset
    let count = try count(max: Limits.latePointsMax)
    guard count > 0 else { throw DecodeError(.count, at: countAt) }
    let points = try latePoints(count, channel.form)
    return LateValues(
      id: id, device: device, channel: channel, boundUs: boundUs, points: points,
      note: try textV(max: Limits.noteBytesMax))
  }

  @inline(never)
  private mutating func latePoints(
    _ count: Int, _ form: ValueForm
  ) throws(DecodeError) -> [LateValues.Point] {
    var points: [LateValues.Point] = []
    var before: Int64 = 0
    for index in 0..<count {
      let start = offset
      let utcUs = before &+ (try zigzag())
      guard index == 0 || utcUs >= before else { throw DecodeError(.order, at: start) }
      before = utcUs
      let value: SampleValue
      switch form {
      case .decimal: value = .decimal(try zigzag())
      case .float: value = .float(bits: try fixed(UInt64.self))
      case .text: value = .text(try textV(max: Value.textBytesMax))
      }
      points.append(LateValues.Point(utcUs: utcUs, value: value))
    }
    return points
  }

  mutating func annotation() throws(DecodeError) -> Annotation {
    let id = try factId()
    let subjectAt = offset
    let subject: Annotation.Subject
    switch try u8() {
    case 0:
      guard let node = NodeId(try raw(NodeId.byteCount)) else { throw error(.truncated) }
      subject = .node(node)
    case 1: subject = .series(try scope())
    default: throw DecodeError(.range, at: subjectAt)
    }
    let spanAt = offset
    let from = try zigzag()
    let to = try zigzag()
    guard from <= to else { throw DecodeError(.range, at: spanAt) }
    let textAt = offset
    let text = try textV(max: Limits.annotationBytesMax)
    guard !text.isEmpty else { throw DecodeError(.text, at: textAt) }
    return Annotation(id: id, subject: subject, fromUs: from, toUs: to, text: text)
  }
}
