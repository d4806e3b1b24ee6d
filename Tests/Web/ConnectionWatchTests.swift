import Testing

@testable import Web

@Suite("Watch over connections") struct ConnectionWatchTests {
  @Test("a client that has not said all in time is overdue, however it dawdles") func slow() {
    var watch = ConnectionWatch(limitUs: 10)
    watch.opened(1, atUs: 0)
    watch.opened(2, atUs: 5)
    #expect(watch.overdue(atUs: 10).isEmpty)
    #expect(watch.overdue(atUs: 11) == [1])
    #expect(watch.overdue(atUs: 16).sorted() == [1, 2])
  }

  @Test("one that waits for its answer is not, and has its time again after it") func waits() {
    var watch = ConnectionWatch(limitUs: 10)
    watch.opened(1, atUs: 0)
    watch.received(1)
    #expect(watch.overdue(atUs: 1_000).isEmpty)
    watch.answered(1, atUs: 1_000)
    #expect(watch.overdue(atUs: 1_010).isEmpty)
    #expect(watch.overdue(atUs: 1_011) == [1])
  }

  @Test("one that is gone is forgotten, and its number may come again") func gone() {
    var watch = ConnectionWatch(limitUs: 10)
    watch.opened(1, atUs: 0)
    watch.closed(1)
    #expect(watch.isEmpty)
    watch.answered(1, atUs: 5)
    #expect(watch.overdue(atUs: 100).isEmpty)
    watch.opened(1, atUs: 95)
    #expect(watch.overdue(atUs: 100).isEmpty)
  }
}
