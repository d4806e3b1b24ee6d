import Devices
import TestSupport
import Testing

@Suite("Port inventory") struct PortInventoryTests {
  @Test("an add that comes twice is told once") func duplicate() {
    var inventory = PortInventory()
    let facts = usbFacts()
    #expect(inventory.handle(.announced(facts)) == [.appeared(facts, atStart: false)])
    #expect(inventory.handle(.announced(facts)) == [])
    #expect(inventory.duplicatesDropped == 1)
  }

  @Test("a port both enumerated and announced is told once, as found at start") func both() {
    var inventory = PortInventory()
    let facts = usbFacts()
    #expect(
      inventory.handle(.enumerated([facts], atStart: true)) == [.appeared(facts, atStart: true)])
    #expect(inventory.handle(.announced(facts)) == [])
  }

  @Test("a removal of a port that was never told is silent") func unknownRemoval() {
    var inventory = PortInventory()
    #expect(inventory.handle(.removed(syspath: "/sys/nothing")) == [])
  }

  @Test("more facts of the same plug are a change") func change() {
    var inventory = PortInventory()
    var facts = usbFacts()
    _ = inventory.handle(.announced(facts))
    facts.initializedUs = 5
    facts.product = "later"
    #expect(inventory.handle(.announced(facts)) == [.changed(facts)])
  }

  @Test("the same path with another USB number is another plug, its removal was lost")
  func lostRemoval() {
    var inventory = PortInventory()
    var facts = usbFacts()
    facts.usbDeviceNumber = 4
    _ = inventory.handle(.announced(facts))
    facts.usbDeviceNumber = 5
    #expect(
      inventory.handle(.announced(facts)) == [
        .vanished(syspath: facts.syspath), .appeared(facts, atStart: false),
      ])
  }

  @Test("looking again after an overflow tells exactly the difference") func overflow() {
    var inventory = PortInventory()
    let (stays, goes, comes) = (
      usbFacts(socket: "1", tty: 0), usbFacts(socket: "2", tty: 1), usbFacts(socket: "3", tty: 2)
    )
    _ = inventory.handle(.enumerated([stays, goes], atStart: true))
    #expect(
      inventory.handle(.enumerated([stays, comes], atStart: false)) == [
        .vanished(syspath: goes.syspath), .appeared(comes, atStart: false),
      ])
    #expect(inventory.changesRecovered == 2)
  }

  @Test("more ports than the limit are counted and ignored") func limit() {
    var inventory = PortInventory()
    for tty in 0..<(DeviceLimits.portsMax + 3) {
      _ = inventory.handle(.announced(usbFacts(tty: tty)))
    }
    #expect(inventory.count == DeviceLimits.portsMax)
    #expect(inventory.portsRefused == 3)
  }

  @Test(
    "whatever is lost or doubled, after looking again the told ports are those that are there",
    arguments: 0..<64 as Range<UInt64>)
  func converges(seed: UInt64) {
    var prng = Prng(seed: seed)
    var inventory = PortInventory()
    var world: [String: PortFacts] = [:]
    var told: [String: PortFacts] = [:]
    var number: UInt32 = 0
    func apply(_ changes: [PortInventory.Change]) {
      for change in changes {
        switch change {
        case .appeared(let facts, _):
          #expect(told.updateValue(facts, forKey: facts.syspath) == nil, "seed \(seed)")
        case .vanished(let path):
          #expect(told.removeValue(forKey: path) != nil, "seed \(seed)")
        case .changed(let facts):
          #expect(told.updateValue(facts, forKey: facts.syspath) != nil, "seed \(seed)")
        }
      }
    }
    for _ in 0..<200 {
      let tty = prng.below(6)
      var facts = usbFacts(tty: tty)
      let lost = prng.chance(30)
      if world.removeValue(forKey: facts.syspath) != nil {
        if !lost { apply(inventory.handle(.removed(syspath: facts.syspath))) }
      } else {
        number += 1
        facts.usbDeviceNumber = number
        world[facts.syspath] = facts
        for _ in 0..<(lost ? 0 : 1 + prng.below(3)) { apply(inventory.handle(.announced(facts))) }
      }
      if prng.chance(10) {
        apply(inventory.handle(.enumerated(Array(world.values), atStart: false)))
        #expect(told == world, "seed \(seed)")
      }
    }
  }
}
