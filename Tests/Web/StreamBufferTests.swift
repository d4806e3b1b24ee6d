import Testing

@testable import Web

@Suite("Stream buffer") struct StreamBufferTests {
  private func drain(_ buffer: inout StreamBuffer, upTo count: Int = 4096) -> String {
    var bytes = [UInt8](repeating: 0, count: count)
    let read = unsafe bytes.withUnsafeMutableBytes { unsafe buffer.read(into: $0) }
    return String(decoding: bytes[..<read], as: UTF8.self)
  }

  private func append(
    _ text: String, key: UInt64? = nil, to buffer: inout StreamBuffer
  ) -> StreamWriteResult {
    buffer.append(Array(text.utf8), key: key)
  }

  @Test("bytes come out in order across reads of any size", arguments: 1...9)
  func order(size: Int) {
    var buffer = StreamBuffer(bytesMax: 100, overflow: .refuse)
    for text in ["abc", "de", "fghi"] { #expect(append(text, to: &buffer) == .queued) }
    var read = ""
    while !buffer.isEmpty { read += drain(&buffer, upTo: size) }
    #expect(read == "abcdefghi")
  }

  @Test("a chunk replaces the waiting chunk of its key in its place") func replaces() {
    var buffer = StreamBuffer(bytesMax: 100, overflow: .dropOldest)
    _ = append("A1", key: 1, to: &buffer)
    _ = append("B1", key: 2, to: &buffer)
    #expect(append("A2+", key: 1, to: &buffer) == .replaced)
    #expect(buffer.bytesWaiting == 5)
    #expect(drain(&buffer) == "A2+B1")
  }

  @Test("what stands for the place of a chunk stays when its value is replaced") func keepsPlace() {
    var buffer = StreamBuffer(bytesMax: 100, overflow: .dropOldest)
    _ = buffer.append(Array("1:old".utf8), key: 1, placeCount: 2)
    _ = append("2:other", to: &buffer)
    #expect(buffer.append(Array("33:newer".utf8), key: 1, placeCount: 3) == .replaced)
    #expect(buffer.bytesWaiting == 14)
    #expect(drain(&buffer) == "1:newer2:other")
  }

  @Test("a viewer that keeps up gets every chunk, one that does not the last of each key")
  func keepsUp() {
    var buffer = StreamBuffer(bytesMax: 100, overflow: .endStream, replaceAboveBytes: 4)
    #expect(append("A1", key: 1, to: &buffer) == .queued)
    #expect(append("A2", key: 1, to: &buffer) == .queued)
    #expect(append("A3", key: 1, to: &buffer) == .replaced)
    #expect(drain(&buffer) == "A1A3")
    #expect(append("A4", key: 1, to: &buffer) == .queued)
  }

  @Test("a chunk of which a part is sent is not replaced") func tornIsKept() {
    var buffer = StreamBuffer(bytesMax: 100, overflow: .dropOldest)
    _ = append("first", key: 1, to: &buffer)
    #expect(drain(&buffer, upTo: 2) == "fi")
    #expect(append("second", key: 1, to: &buffer) == .queued)
    #expect(drain(&buffer) == "rstsecond")
  }

  @Test("the oldest is dropped and counted, never a torn one") func dropsOldest() {
    var buffer = StreamBuffer(bytesMax: 9, overflow: .dropOldest)
    for text in ["abc", "def", "ghi"] { _ = append(text, to: &buffer) }
    #expect(drain(&buffer, upTo: 1) == "a")
    #expect(append("jkl", to: &buffer) == .droppedOlder)
    #expect(buffer.chunksDropped == 1)
    #expect(drain(&buffer) == "bcghijkl")
  }

  @Test("a chunk larger than the whole buffer is refused") func tooLarge() {
    var buffer = StreamBuffer(bytesMax: 4, overflow: .dropOldest)
    _ = append("abc", to: &buffer)
    #expect(append("defgh", to: &buffer) == .refused)
    #expect(buffer.isEmpty)
  }

  @Test("refuse keeps what waits") func refuses() {
    var buffer = StreamBuffer(bytesMax: 4, overflow: .refuse)
    _ = append("abc", to: &buffer)
    #expect(append("de", to: &buffer) == .refused)
    #expect(drain(&buffer) == "abc")
    #expect(append("de", to: &buffer) == .queued)
  }

  @Test("endStream ends it; what waits can still be read") func ends() {
    var buffer = StreamBuffer(bytesMax: 4, overflow: .endStream)
    _ = append("abc", to: &buffer)
    #expect(append("de", to: &buffer) == .ended)
    #expect(buffer.isEnded)
    #expect(drain(&buffer) == "abc")
    #expect(append("x", to: &buffer) == .ended)
  }

  @Test(
    "bytes waiting stay within the bound and match a plain model",
    arguments: 0..<50 as Range<UInt64>)
  func model(seed: UInt64) {
    var random = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func next(_ bound: Int) -> Int {
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      return Int(random % UInt64(bound))
    }
    var buffer = StreamBuffer(bytesMax: 200, overflow: .refuse)
    var written = ""
    var read = ""
    for step in 0..<400 {
      if next(3) == 0 {
        read += drain(&buffer, upTo: 1 + next(40))
      } else {
        let text = "<\(step)>"
        if append(text, key: UInt64(1000 + step), to: &buffer) == .queued { written += text }
      }
      #expect(buffer.bytesWaiting <= 200, "seed \(seed)")
    }
    read += drain(&buffer)
    #expect(read == written, "seed \(seed)")
  }
}
