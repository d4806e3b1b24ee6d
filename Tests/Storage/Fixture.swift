import Glibc
import Model
import Sync

@testable import Storage

/// A folder for one test, removed with everything in it.
struct TemporaryFolder: ~Copyable {
  let path: String

  init() {
    let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? P_tmpdir
    var template = Array("\(base)/bivouac-storage-XXXXXX".utf8CString)
    path = unsafe mkdtemp(&template).map { unsafe String(cString: $0) } ?? ""
    precondition(!path.isEmpty, "no temporary folder: errno \(errno)")
  }

  deinit {
    guard let folder = unsafe opendir(path) else { return }
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if name != ".", name != ".." { unsafe _ = unlink("\(path)/\(name)") }
    }
    unsafe _ = closedir(folder)
    unsafe _ = rmdir(path)
  }
}

/// The things that every test of the store needs.
enum Fixture {
  static let node = NodeKey(seed: (0..<32).map { UInt8($0) })?.id ?? nodeOf(0)
  static let otherNode = nodeOf(1)
  static let board = companion(1)
  static let temperature = Channel(key: "temp", unit: "Cel", exponent: -1)

  static func nodeOf(_ byte: UInt8) -> NodeId {
    guard let node = NodeId([UInt8](repeating: byte, count: 32)) else {
      preconditionFailure("32 bytes")
    }
    return node
  }

  static func companion(_ number: UInt8) -> DeviceIdentity {
    guard
      let identity = DeviceIdentity(
        kind: .companion, bytes: [UInt8](repeating: number, count: 8))
    else { preconditionFailure("8 bytes") }
    return identity
  }

  static func clockEpoch(_ byte: UInt8 = 1) -> ClockEpoch {
    guard let epoch = ClockEpoch([UInt8](repeating: byte, count: 16)) else {
      preconditionFailure("16 bytes")
    }
    return epoch
  }

  static func options(_ path: String, run: UInt64 = 1, boot: UInt8 = 1) -> StoreOptions {
    StoreOptions(
      path: path, node: node, clockEpoch: clockEpoch(boot), incarnation: Incarnation(run))
  }

  static func clock(_ bootUs: Int64 = 1_000_000) -> ClockObservation {
    ClockObservation(
      bootUs: bootUs, wallUs: 1_700_000_000_000_000 + bootUs, trusted: true, errorUs: 500)
  }

  static func stamp(_ bootUs: Int64 = 1_000_000) -> Stamp {
    Stamp(
      trusted: true, bootUs: bootUs, wallUs: 1_700_000_000_000_000 + bootUs, author: "node")
  }

  static func name(_ text: String, replaces: [RecordId] = []) -> JournalEntry {
    JournalEntry(
      stamp: stamp(),
      content: .registerWrite(
        RegisterWrite(
          key: RegisterKey(.deviceName, board), value: Array(text.utf8), replaces: replaces)))
  }

  /// Puts samples of the board into a batch: seqs from `first`, one second of ticks apart.
  static func fill(
    _ batch: inout ReadingBatch, device: DeviceIdentity = board, epoch: UInt32 = 1,
    first: UInt32, count: UInt32
  ) {
    _ = batch.open(Cursor(identity: device, epoch: epoch, nonce: 7, ringCapacity: 64))
    for seq in first..<(first + count) {
      let outcome = batch.append(
        device: device, epoch: epoch, seq: seq, ticksMs: Int64(seq) * 1_000,
        channel: temperature, value: .decimal(Int64(200 + seq % 50), exponent: -1))
      precondition(outcome == .taken, "sample \(seq): \(outcome)")
    }
  }
}
