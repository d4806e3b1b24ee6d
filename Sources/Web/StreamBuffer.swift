/// What a stream does when its viewer does not read as fast as it is written to.
public enum StreamOverflow: Hashable, Sendable {
  /// The oldest waiting chunk is dropped and counted.
  case dropOldest
  /// The new chunk is refused; the writer is told and may wait for room.
  case refuse
  /// The stream ends: the viewer has to come back and say where it left off.
  case endStream
}

/// What became of a chunk written to a stream.
public enum StreamWriteResult: Hashable, Sendable {
  /// It waits for the viewer to read it.
  case queued
  /// It took the place of a waiting chunk with the same key.
  case replaced
  /// It waits; older chunks were dropped for it.
  case droppedOlder
  /// It was not taken.
  case refused
  /// The stream has ended, now or before.
  case ended
}

/// The bytes that wait for one viewer: bounded, performs no I/O.
///
/// Chunks are shared, not copied: a thousand viewers of one event hold it once.
struct StreamBuffer: Sendable {
  private struct Chunk: Sendable {
    var bytes: [UInt8]
    let key: UInt64?
    /// How many of the bytes belong to the place in the stream, and stay when it is replaced.
    let placeCount: Int
  }

  private let bytesMax: Int
  private let overflow: StreamOverflow
  private let replaceAboveBytes: Int
  private var chunks: [Chunk] = []
  private var head = 0
  private var headOffset = 0
  /// Where the waiting chunk of a key is: its position since the start of the stream.
  private var places: [UInt64: Int] = [:]
  /// How many chunks have left `chunks` at its front.
  private var removed = 0

  private(set) var bytesWaiting = 0
  private(set) var chunksDropped: UInt64 = 0
  private(set) var isEnded = false

  /// Chunks replace each other only while more than `replaceAboveBytes` wait: a viewer that keeps
  /// up gets them all.
  init(bytesMax: Int, overflow: StreamOverflow, replaceAboveBytes: Int = 0) {
    self.bytesMax = bytesMax
    self.overflow = overflow
    self.replaceAboveBytes = replaceAboveBytes
  }

  var isEmpty: Bool { bytesWaiting == 0 }

  /// Takes a chunk; one with a key replaces the last waiting chunk of that key, in its place.
  ///
  /// The first `placeCount` bytes of the chunk that is replaced stay: the id of an event says how
  /// far a viewer has come, which is where the old one stood. A chunk of which a part is sent is
  /// never dropped or replaced: that would tear it.
  mutating func append(_ bytes: [UInt8], key: UInt64?, placeCount: Int = 0) -> StreamWriteResult {
    guard !isEnded else { return .ended }
    guard !bytes.isEmpty else { return .queued }
    if let key, replace(key, with: bytes[placeCount...]) { return .replaced }
    var result = StreamWriteResult.queued
    while bytesWaiting + bytes.count > bytesMax {
      switch overflow {
      case .refuse:
        return .refused
      case .endStream:
        isEnded = true
        return .ended
      case .dropOldest:
        guard dropOldest() else {
          chunksDropped &+= 1
          return .refused
        }
        result = .droppedOlder
      }
    }
    if let key { places[key] = removed + chunks.count }
    chunks.append(Chunk(bytes: bytes, key: key, placeCount: placeCount))
    bytesWaiting += bytes.count
    return result
  }

  /// No more chunks are taken; what waits can still be read.
  mutating func end() { isEnded = true }

  /// Moves waiting bytes out, at most `target.count`; returns how many.
  mutating func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    var count = 0
    while count < target.count, head < chunks.count {
      let rest = chunks[head].bytes.count - headOffset
      let step = min(rest, target.count - count)
      unsafe chunks[head].bytes.withUnsafeBytes { source in
        let piece = unsafe UnsafeRawBufferPointer(rebasing: source[headOffset..<headOffset + step])
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[count..<count + step])
          .copyMemory(from: piece)
      }
      count += step
      headOffset += step
      if headOffset == chunks[head].bytes.count { removeHead() }
    }
    bytesWaiting -= count
    return count
  }

  private mutating func replace(_ key: UInt64, with bytes: ArraySlice<UInt8>) -> Bool {
    guard bytesWaiting >= replaceAboveBytes, let place = places[key] else { return false }
    let index = place - removed
    guard index > head || (index == head && headOffset == 0) else { return false }
    let kept = chunks[index].bytes.prefix(chunks[index].placeCount)
    let grown = bytesWaiting + kept.count + bytes.count - chunks[index].bytes.count
    guard grown <= bytesMax else { return false }
    chunks[index].bytes = Array(kept + bytes)
    bytesWaiting = grown
    return true
  }

  private mutating func dropOldest() -> Bool {
    let index = headOffset > 0 ? head + 1 : head
    guard index < chunks.count else { return false }
    bytesWaiting -= chunks[index].bytes.count
    chunksDropped &+= 1
    if index == head {
      removeHead()
    } else {
      // The torn head moves up into the place of the dropped chunk.
      forget(chunks[index], at: index)
      chunks[index] = Chunk(bytes: chunks[head].bytes, key: nil, placeCount: 0)
      forget(chunks[head], at: head)
      chunks[head].bytes = []
      head = index
    }
    return true
  }

  private mutating func removeHead() {
    forget(chunks[head], at: head)
    chunks[head].bytes = []
    head += 1
    headOffset = 0
    if head == chunks.count || head >= 64 {
      chunks.removeFirst(head)
      removed += head
      head = 0
    }
  }

  private mutating func forget(_ chunk: Chunk, at index: Int) {
    if let key = chunk.key, places[key] == removed + index { places[key] = nil }
  }
}
