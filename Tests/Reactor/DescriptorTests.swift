import Glibc
import Reactor
import Testing

@Suite("Owned descriptors") struct DescriptorTests {
  @Test("a descriptor is closed when it goes out of scope") func closed() throws {
    var raw: Int32 = -1
    do {
      let descriptor = try far(700)
      raw = descriptor.raw
      #expect(isOpen(raw))
    }
    #expect(!isOpen(raw))
  }

  @Test("a descriptor that was released stays open") func released() throws {
    let raw = try far(750).release()
    #expect(isOpen(raw))
    Descriptor(adopting: raw).close()
    #expect(!isOpen(raw))
  }

  @Test("closing twice is our own mistake and stops the process") func closedTwice() async {
    await #expect(processExitsWith: .failure) {
      let descriptor = try System.openFile("/proc/version", flags: O_RDONLY)
      _ = close(descriptor.raw)
      descriptor.close()
    }
  }

  @Test("adopting a number that is not open is our own mistake and stops the process")
  func negative() async {
    await #expect(processExitsWith: .failure) { _ = Descriptor(adopting: -1) }
  }

  @Test("a bag hands its descriptors out in order and closes the rest") func bag() throws {
    let raws = try [800, 810, 820].map { try far($0).release() }
    var kept: Int32 = -1
    do {
      var bag = DescriptorBag(adopting: raws)
      #expect(bag.count == 3)
      kept = bag.next()?.release() ?? -1
      #expect(bag.count == 2)
    }
    #expect(kept == raws[0])
    #expect(raws.map(isOpen) == [true, false, false])
    Descriptor(adopting: kept).close()
  }

  @Test("an empty bag has nothing") func emptyBag() {
    var bag = DescriptorBag()
    let none = bag.next() == nil
    #expect(none)
  }

  /// A descriptor whose number is far from those other tests use: once closed, nobody takes it.
  private func far(_ least: Int32) throws -> Descriptor {
    let file = try System.openFile("/proc/version", flags: O_RDONLY)
    return Descriptor(adopting: fcntl(file.raw, F_DUPFD_CLOEXEC, least))
  }
}
