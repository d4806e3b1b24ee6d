internal import Gateway
internal import Model
internal import Storage
internal import Sync

/// Disks that others fill, and what the daemon gives so that recording goes on (trap 7f).
extension SiteSimulation {
  /// The size of a node's disk, and what the configuration wants for ballast, in bytes.
  private static let diskBytes: Int64 = 64 << 20
  private static let ballastWantedBytes: Int64 = 2 << 20
  /// As `Node.fullIntervalUs`.
  private static let fullIntervalUs: Int64 = 3_000_000
  /// How long a node may record nothing for want of room, in µs.
  private static let speechlessUs: Int64 = 10_000_000

  /// Somebody else takes all that is free on a node's disk.
  func crowd(_ node: SimulatedNode) {
    note("\(node.name): others fill its disk, \(node.disk.usedBytes) bytes are its own")
    node.isCrowded = true
    node.disk.roomBytes = node.disk.usedBytes + node.disk.ballastBytes
  }

  /// They take it away again.
  func uncrowd(_ node: SimulatedNode) {
    (node.isCrowded, node.fullSinceUs, node.disk.roomBytes) = (false, nil, 0)
  }

  /// A write found no room: what is there to give is given, and what waits is tried again.
  func foundNoRoom(_ index: Int) {
    let node = nodes[index]
    guard node.isCrowded else { return }
    let afterUs = node.fullSinceUs == nil ? 1_000 : Self.fullIntervalUs
    let sinceUs = node.fullSinceUs ?? nowUs
    node.fullSinceUs = sinceUs
    guard nowUs - sinceUs < Self.speechlessUs else {
      return violate("\(node.name) records nothing any more on a full disk")
    }
    guard !node.isRoomDue else { return }
    node.isRoomDue = true
    later(afterUs, .room(index))
  }

  /// As `Node.makeRoom`, and as a daemon that finds no room to begin.
  func makeRoom(_ index: Int) {
    let node = nodes[index]
    node.isRoomDue = false
    guard node.isUp, node.fullSinceUs != nil else { return }
    do throws(DatabaseError) {
      _ = try node.run { (now) throws(DatabaseError) in try now.store.shortenLog() }
      releaseBallast(node)
      write(index, [])
      // Where nothing waits, whether anything could be written.
      _ = try node.run { (now) throws(DatabaseError) in try now.store.checkpoint() }
      if node.isUp { node.fullSinceUs = nil }
    } catch { failed(index, error) }
  }

  func releaseBallast(_ node: SimulatedNode) {
    guard node.disk.ballastBytes > 0 else { return }
    note("\(node.name): gives its ballast")
    node.disk.ballastBytes = 0
  }

  /// Makes the ballast where it is missing and there is room.
  func restoreBallast(_ node: SimulatedNode) {
    guard plan.hasCrowds else { return }
    let bytes = RoomJudge.ballastBytes(Self.ballastWantedBytes, Self.diskBytes)
    let room = node.disk.roomBytes > 0 ? Int64(node.disk.roomBytes) : Self.diskBytes
    let freeBytes = room - Int64(node.disk.usedBytes + node.disk.ballastBytes)
    guard node.disk.ballastBytes == 0, RoomJudge.hasRoom(forBallast: bytes, freeBytes) else {
      return
    }
    node.disk.ballastBytes = Int(bytes)
  }
}
