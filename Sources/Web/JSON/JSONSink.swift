/// The document that an encoder writes, shared by the containers it hands out.
///
/// All its state is one value, so that each step asks once, not at every byte, whether somebody
/// else has it in hand.
final class JSONSink {
  var document = JSONDocument()

  /// Writes what a value says of itself; nothing at all is an empty object.
  func write(_ value: some Encodable) throws {
    let (before, depth) = document.extent
    try value.encode(to: JSONValueEncoder(sink: self, depth: depth))
    document.finish(depth: depth, emptyFrom: before)
  }
}

/// The bytes of a document that is being written, and the objects and arrays still open in it.
///
/// A value is written straight to its place: there is no tree of it in between. So a container
/// takes values only while it is the innermost one; writing to an outer one closes those within.
struct JSONDocument {
  /// An object or array that is not closed yet.
  private struct Open {
    let isObject: Bool
    /// Tells it from a former container at the same depth.
    let serial: Int
    /// Where its first byte behind the bracket stands.
    let start: Int
    /// Where its members begin in `members`.
    let membersFrom: Int
    var count = 0
  }

  /// A member of an object that is not closed yet: where its name, without the second quote, and
  /// itself stand.
  private struct Member {
    let start: Int
    let nameEnd: Int
    /// The name where it is written with escapes, whose order is not that of the name itself.
    let escapedName: String?
    var end: Int
  }

  var writer = JSONWriter()
  private var open: [Open] = []
  private var members: [Member] = []
  private var containersOpened = 0

  init() {
    open.reserveCapacity(8)
    members.reserveCapacity(32)
  }

  /// The bytes written so far and the containers open.
  var extent: (bytes: Int, depth: Int) { (writer.bytes.count, open.count) }

  /// Opens an object or array as the next value; the same one again for a value that asks twice.
  mutating func begin(isObject: Bool, depth: Int) -> Int {
    if open.count > depth {
      precondition(open[depth].isObject == isObject, "one value is an object or an array, not both")
      return open[depth].serial
    }
    precondition(open.count == depth, "a value is written after its place was closed")
    if isObject { writer.beginObject() } else { writer.beginArray() }
    containersOpened += 1
    open.append(
      Open(
        isObject: isObject, serial: containersOpened, start: writer.bytes.count,
        membersFrom: members.count))
    return containersOpened
  }

  /// Makes room for the next element of an array.
  mutating func beginElement(depth: Int, serial: Int) {
    enter(depth: depth, serial: serial)
    open[depth].count += 1
  }

  /// Writes the name of the next member of an object.
  mutating func beginMember(_ name: String, depth: Int, serial: Int) {
    enter(depth: depth, serial: serial)
    endMember(depth: depth)
    let start = writer.bytes.count + (open[depth].count > 0 ? 1 : 0)  // behind the comma
    open[depth].count += 1
    writer.name(name)
    let end = writer.bytes.count - 2  // before the second quote and the colon
    let isEscaped = end - start - 1 != name.utf8.count
    members.append(
      Member(start: start, nameEnd: end, escapedName: isEscaped ? name : nil, end: 0))
  }

  /// The elements or members that a container has so far.
  func count(depth: Int, serial: Int) -> Int {
    open.count > depth && open[depth].serial == serial ? open[depth].count : 0
  }

  /// Ends a value: closes what it left open; one that wrote nothing is an empty object.
  mutating func finish(depth: Int, emptyFrom before: Int) {
    close(downTo: depth)
    guard writer.bytes.count == before else { return }
    writer.beginObject()
    writer.endObject()
  }

  private mutating func enter(depth: Int, serial: Int) {
    precondition(
      open.count > depth && open[depth].serial == serial, "a container is used after it was closed")
    if open.count > depth + 1 { close(downTo: depth + 1) }
  }

  private mutating func endMember(depth: Int) {
    if members.count > open[depth].membersFrom {
      members[members.count - 1].end = writer.bytes.count
    }
  }

  private mutating func close(downTo depth: Int) {
    while open.count > depth {
      let last = open[open.count - 1]
      if last.isObject {
        endMember(depth: open.count - 1)
        sortMembers(from: last.membersFrom, start: last.start)
        members.removeLast(members.count - last.membersFrom)
        writer.endObject()
      } else {
        writer.endArray()
      }
      open.removeLast()
    }
  }

  // MARK: Order

  /// Puts the members of the innermost object in the order of their names' bytes.
  private mutating func sortMembers(from first: Int, start: Int) {
    if let part = reordered(from: first, writer.bytes) { writer.replace(from: start, with: part) }
  }

  /// The innermost object's members in order; nil where they are already.
  private func reordered(from first: Int, _ bytes: [UInt8]) -> [UInt8]? {
    var isSorted = true
    for index in members.indices.dropFirst(first + 1) where isSorted {
      isSorted = !Self.precedes(members[index], members[index - 1], in: bytes)
    }
    guard !isSorted else { return nil }
    let order = members[first...].sorted { Self.precedes($0, $1, in: bytes) }
    var part: [UInt8] = []
    part.reserveCapacity(bytes.count - members[first].start)
    for member in order {
      if !part.isEmpty { part.append(UInt8(ascii: ",")) }
      part.append(contentsOf: bytes[member.start..<member.end])
    }
    return part
  }

  private static func precedes(_ left: Member, _ right: Member, in bytes: [UInt8]) -> Bool {
    guard left.escapedName == nil, right.escapedName == nil else {
      return name(left, in: bytes).lexicographicallyPrecedes(name(right, in: bytes))
    }
    let (leftBytes, rightBytes) = (left.nameEnd - left.start, right.nameEnd - right.start)
    var offset = 1  // behind the quote
    while offset < leftBytes, offset < rightBytes {
      let (a, b) = (bytes[left.start + offset], bytes[right.start + offset])
      if a != b { return a < b }
      offset += 1
    }
    return leftBytes < rightBytes
  }

  private static func name(_ member: Member, in bytes: [UInt8]) -> [UInt8] {
    member.escapedName.map { Array($0.utf8) } ?? Array(bytes[member.start + 1..<member.nameEnd])
  }
}
