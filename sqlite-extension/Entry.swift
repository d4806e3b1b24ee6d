internal import Model

// What the C side calls: one `ReadingsCursor` behind each pointer, released once by `close`.

@_cdecl("bivouac_open")
func open(_ database: OpaquePointer) -> UnsafeMutableRawPointer {
  unsafe Unmanaged.passRetained(ReadingsCursor(Rows.Source(database))).toOpaque()
}

@_cdecl("bivouac_close")
func close(_ pointer: UnsafeMutableRawPointer) {
  unsafe Unmanaged<ReadingsCursor>.fromOpaque(pointer).release()
}

@_cdecl("bivouac_filter")
func filter(
  _ pointer: UnsafeMutableRawPointer, _ device: UnsafePointer<UInt8>?, _ deviceCount: Int32,
  _ channel: UnsafePointer<UInt8>?, _ channelCount: Int32, _ timeFrom: Int64, _ timeTo: Int64
) -> Int32 {
  let wanted = unsafe Wanted(
    device: copy(device, deviceCount), channel: copy(channel, channelCount), timeFrom: timeFrom,
    timeTo: timeTo)
  return unsafe cursor(pointer).begin(wanted)
}

@_cdecl("bivouac_next")
func next(_ pointer: UnsafeMutableRawPointer) -> Int32 { unsafe cursor(pointer).advance() }

@_cdecl("bivouac_eof")
func eof(_ pointer: UnsafeMutableRawPointer) -> Int32 { unsafe cursor(pointer).isDone ? 1 : 0 }

@_cdecl("bivouac_rowid")
func rowid(_ pointer: UnsafeMutableRawPointer) -> Int64 { unsafe cursor(pointer).rowid }

@_cdecl("bivouac_column")
func column(_ pointer: UnsafeMutableRawPointer, _ context: OpaquePointer, _ column: Int32) {
  let cell = unsafe cursor(pointer).cell(Int(column))
  switch cell {
  case .none: return  // A column without a result is NULL.
  case .integer(let value): unsafe glue_result_int64(context, value)
  case .real(let value): unsafe glue_result_double(context, value)
  case .text(let bytes):
    unsafe bytes.withUnsafeBufferPointer {
      unsafe glue_result_text(context, $0.baseAddress, Int32($0.count))
    }
  }
}

@_cdecl("bivouac_message")
func message(
  _ pointer: UnsafeMutableRawPointer, _ text: UnsafeMutablePointer<UInt8>, _ countMax: Int32
) -> Int32 {
  let message = unsafe cursor(pointer).message
  let count = min(message.count, Int(countMax))
  for index in 0..<count { unsafe text[index] = message[index] }
  return Int32(count)
}

private func cursor(_ pointer: UnsafeMutableRawPointer) -> ReadingsCursor {
  unsafe Unmanaged<ReadingsCursor>.fromOpaque(pointer).takeUnretainedValue()
}

private func copy(_ text: UnsafePointer<UInt8>?, _ count: Int32) -> [UInt8]? {
  guard let text = unsafe text else { return nil }
  return unsafe Array(UnsafeBufferPointer(start: text, count: Int(count)))
}
