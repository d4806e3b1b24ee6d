extension ColumnDecoder {
  /// Steps over a column without reading its numbers; what it holds is not checked.
  @_lifetime(source: copy source)
  static func skip(_ source: inout ByteSource, count: Int) throws(CodecError) {
    guard count > 0 else { return }
    let start = source.offset
    let head = try source.u8()
    guard let mode = IntegerColumn.Mode(rawValue: head & ~IntegerColumn.codedFlag) else {
      throw CodecError(.mode, at: start)
    }
    // The first number, what the mode has before the divisor, the divisor.
    let fields: Int
    let first: Int
    switch mode {
    case .linear: (fields, first) = (count > 1 ? 2 : 1, count)
    case .plain: (fields, first) = (2, 0)
    case .delta: (fields, first) = (3, 1)
    case .deltaOfDelta: (fields, first) = (4, 2)
    case .grid: (fields, first) = (4, 0)
    }
    for _ in 0..<fields { _ = try source.varint() }
    if head & IntegerColumn.codedFlag != 0 {
      return try CodedDecoder.skip(&source, count: count - first)
    }
    for place in stride(from: first, to: count, by: Limits.groupCount) {
      try skipGroup(&source, count: min(Limits.groupCount, count - place))
    }
  }

  @_lifetime(source: copy source)
  private static func skipGroup(_ source: inout ByteSource, count: Int) throws(CodecError) {
    let start = source.offset
    let head = try source.u8()
    let width = Int(head & ~ColumnGroup.exceptionsFlag)
    guard width <= 64 else { throw CodecError(.mode, at: start) }
    _ = try source.varint()
    _ = try source.skip((count * width + 7) / 8)
    guard head & ColumnGroup.exceptionsFlag != 0 else { return }
    let exceptions = Int(try source.u8())
    _ = try source.skip(exceptions)
    for _ in 0..<exceptions { _ = try source.varint() }
  }
}
