import Protocol
import Testing

@testable import ProtocolSearch

@Suite("A board: commands") struct DeviceCommandTests {
  @Test("a command runs once, however often it comes, and its result is kept") func once() throws {
    let bench = BoardBench.attached()
    bench.port.nextOutcome = DeviceOutcome(.done, value: -3)
    for _ in 0..<3 {
      let said = try resultOfBoard(bench.tell(commandOfHost(id: 1)))
      #expect(said == CommandResult(attached: 77, session: 77, id: 1, status: .done, value: -3))
    }
    #expect(bench.port.executions == [4: 1])
    let later = try resultOfBoard(bench.tell(BoardBench.resume(session: 78)))
    #expect(later == CommandResult(attached: 78, session: 77, id: 1, status: .done, value: -3))
    #expect(bench.tell(commandOfHost(id: 1)) == [])
  }

  @Test("asked after what runs, a board says that it runs, then how it ended, and runs it once")
  func askedAfter() throws {
    let bench = BoardBench.attached()
    bench.port.nextOutcome = DeviceOutcome(.running)
    for life in [1_000, 400, 1] as [UInt32] {
      let said = try resultOfBoard(bench.tell(commandOfHost(id: 1, life: life)))
      #expect(said.status == .running)
    }
    bench.session.finish(DeviceOutcome(.done, value: 7))
    _ = bench.poll(at: 2_001)
    for _ in 0..<2 {
      let said = try resultOfBoard(bench.tell(commandOfHost(id: 1, life: 1)))
      #expect(said == CommandResult(attached: 77, session: 77, id: 1, status: .done, value: 7))
    }
    #expect(bench.port.executions == [4: 1])
  }

  @Test("a higher id is new, a lower one is ignored, another session too") func ids() throws {
    let bench = BoardBench.attached()
    #expect(try resultOfBoard(bench.tell(commandOfHost(id: 3))).id == 3)
    #expect(try resultOfBoard(bench.tell(commandOfHost(id: 5))).id == 5)
    #expect(bench.tell(commandOfHost(id: 4)) == [])
    #expect(bench.tell(commandOfHost(id: 6, session: 1)) == [])
    #expect(bench.port.executions == [4: 2])
  }

  @Test("a command of another epoch, or whose life may have run out, is refused") func refused()
    throws
  {
    let bench = BoardBench.attached()
    #expect(try resultOfBoard(bench.tell(commandOfHost(id: 1, epoch: 2))).status == .otherEpoch)
    // The receiver was last emptied at 2000: the command may have waited since.
    bench.port.incoming += frameBytes(commandOfHost(id: 2, life: 50).array)
    #expect(try resultOfBoard(bench.poll(at: 2_050)).status == .expired)
    bench.port.incoming += frameBytes(commandOfHost(id: 3, life: 51).array)
    #expect(try resultOfBoard(bench.poll(at: 2_100)).status == .done)
    #expect(bench.port.executions == [4: 1])
  }

  @Test("while one runs another is busy, and the end of the first is not reported then")
  func busy() throws {
    let bench = BoardBench.attached()
    bench.port.nextOutcome = DeviceOutcome(.running)
    #expect(try resultOfBoard(bench.tell(commandOfHost(id: 1))).status == .running)
    bench.session.finish(DeviceOutcome(.done, value: 7))
    let end = try resultOfBoard(bench.poll(at: 2_001))
    #expect(end == CommandResult(attached: 77, session: 77, id: 1, status: .done, value: 7))
    _ = bench.tell(commandOfHost(id: 2))
    #expect(try resultOfBoard(bench.tell(commandOfHost(id: 3))).status == .busy)
    bench.session.finish(DeviceOutcome(.done))
    #expect(bench.poll(at: 2_002) == [])
  }

  @Test("a lease lapses by the board's own clock, attached or not, unless renewed or released")
  func lease() throws {
    let bench = BoardBench.attached()
    _ = bench.tell(commandOfHost(id: 1, lease: 5_000, op: 1))
    _ = bench.tell(commandOfHost(id: 2, lease: 1_000, op: 2))
    _ = bench.tell(commandOfHost(id: 3, lease: 1_000, op: 3))
    _ = bench.tell(commandOfHost(id: 4, lease: 0, op: 3))
    _ = bench.poll(at: 2_999)
    #expect(bench.port.lapsed == [])
    _ = bench.tell(commandOfHost(id: 5, lease: 2_000, op: 2))
    _ = bench.poll(at: 4_998)
    #expect(bench.port.lapsed == [])
    _ = bench.poll(at: 4_999)
    #expect(bench.port.lapsed == [2])
    _ = bench.poll(at: 7_000)
    #expect(bench.port.lapsed == [2, 1])
  }

  @Test("a ninth lease is refused before anything moves") func leaseTable() throws {
    let bench = BoardBench.attached()
    for id in 1...8 as ClosedRange<UInt16> {
      #expect(
        try resultOfBoard(bench.tell(commandOfHost(id: id, lease: 9, op: UInt8(id)))).status
          == .done)
    }
    #expect(try resultOfBoard(bench.tell(commandOfHost(id: 9, lease: 9, op: 9))).status == .refused)
    #expect(try resultOfBoard(bench.tell(commandOfHost(id: 10, lease: 0, op: 9))).status == .done)
    #expect(bench.port.executions == [4: 9])
  }
}
