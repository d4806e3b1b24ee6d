import Glibc
import Model
import Reactor
import Sync
import TestSupport
import Testing

@testable import Storage

@Suite("Files of keys") struct KeyFilesTests {
  @Test("a key that was made is taken by the next start, and the one before is kept, 0600")
  func taken() throws {
    let folder = TemporaryFolder()
    let old = try StateFolder.open(folder.path).key.id
    let made = try KeyFiles.makeNext(in: folder.path).id
    let waiting = try KeyFiles.next(in: folder.path)?.id
    #expect(made != old && waiting == made)
    // Asked again before that start, it is the same one.
    #expect(try KeyFiles.makeNext(in: folder.path).id == made)
    let state = try StateFolder.open(folder.path)
    #expect(state.key.id == made && state.key.former.map(\.id) == [old])
    #expect(state.key.signer(of: old)?.id == old && state.key.signer(of: made)?.id == made)
    #expect(try KeyFiles.next(in: folder.path) == nil)
    for name in ["node.key", "node.key.former"] {
      var status = stat()
      let code = unsafe stat(folder.path + "/" + name, &status)
      #expect(code == 0 && status.st_mode & 0o777 == 0o600, "\(name)")
    }
  }

  @Test(
    "cut after any step, the next start has one key present and every one before",
    arguments: 0..<3)
  func cut(steps: Int) throws {
    let folder = TemporaryFolder()
    let old = try StateFolder.open(folder.path).key.id
    let present = try System.readFile(folder.path + "/node.key", bytesMax: 32)
    var made: NodeId?
    if steps >= 1 { made = try KeyFiles.makeNext(in: folder.path).id }
    if steps >= 2 {
      // The power went between the two writes of that start.
      try System.writeFile(folder.path + "/node.key.former", present, mode: 0o600)
    }
    let state = try StateFolder.open(folder.path)
    #expect(state.key.id == made ?? old)
    #expect(state.key.former.map(\.id) == (made == nil ? [] : [old]))
  }

  @Test("what is no key does not take the place of one") func damaged() throws {
    let folder = TemporaryFolder()
    let old = try StateFolder.open(folder.path).key.id
    try System.writeFile(folder.path + "/node.key.next", [1, 2, 3], mode: 0o600)
    #expect(try StateFolder.open(folder.path).key.id == old)
    try System.writeFile(folder.path + "/node.key.former", [1, 2, 3], mode: 0o600)
    #expect(throws: DatabaseError.self) { _ = try StateFolder.open(folder.path) }
  }
}

@Suite("Records of a node that changed its key") struct RotatedStoreTests {
  @Test(
    "what it wrote under each of its keys is given on, signed by that key, and counts as its own",
    arguments: 0..<12 as Range<UInt64>)
  func served(seed: UInt64) throws {
    var prng = Prng(seed: seed)
    let folder = TemporaryFolder()
    let (gateway, hub) = (
      try MergingNode(1, folder: folder.path), try MergingNode(2, folder: folder.path)
    )
    let nodes = [gateway.key.id, hub.key.id]
    var origins = [gateway.key.id]
    for change in 0..<3 as Range<UInt8> {
      for _ in 0..<(2 + prng.below(5)) { try gateway.work(&prng, nodes) }
      if prng.chance(50) { try gateway.compact() }
      if prng.chance(50) { try Carrying.some(from: gateway, to: hub, &prng) }
      try gateway.changeKey(10 + change)
      origins.append(gateway.key.id)
    }
    for _ in 0..<3 { try gateway.work(&prng, nodes) }
    for _ in 0..<2_000 where try !hub.core.vector().wanted(from: gateway.core.vector()).isEmpty {
      try Carrying.some(from: gateway, to: hub, &prng)
    }
    #expect(try hub.core.vector().wanted(from: gateway.core.vector()).isEmpty, "seed \(seed)")
    #expect(Set(try hub.core.vector().logs.keys.map(\.run.origin)) == Set(origins), "seed \(seed)")
    let own = try gateway.readings(try HistoryCore(path: gateway.path, vfs: nil))
    #expect(try hub.readings(try HistoryCore(path: hub.path, vfs: nil)) == own, "seed \(seed)")
    #expect(try hub.state() == gateway.state(), "seed \(seed)")
    // Runs of another key are no parents: each key's first run begins a line of its own.
    for (run, parent) in try gateway.core.parents() {
      #expect(origins.contains(run.origin) && parent.incarnation != run.incarnation)
    }
    let first = try gateway.core.parents().keys.filter { $0.origin == gateway.key.id }
    #expect(first.isEmpty, "seed \(seed)")
  }

  @Test("a database of none of its keys is refused") func strange() throws {
    let folder = TemporaryFolder()
    var prng = Prng(seed: 1)
    let node = try MergingNode(1, folder: folder.path)
    try node.work(&prng, [node.key.id])
    var options = node.options(9)
    options.node = try #require(NodeKey(seed: [UInt8](repeating: 9, count: 32))).id
    options.former = []
    #expect(throws: DatabaseError.self) { try StoreCore(options).open() }
    options.former = [node.key.id]
    #expect(try StoreCore(options).open().damageCount == 0)
  }
}
