/// What the end-to-end tests have the board measure and do.
///
/// The samples are a function of epoch and seq, so that a reader of the database knows every value;
/// `mark` tells each execution, and is running for 40 ms when its number is 1 more than a multiple
/// of 5; `valve` closes when its lease lapses, and every move of it is a sample.
struct BenchApplication: BoardApplication, ~Copyable {
  private enum Operation {
    static let mark: UInt8 = 1
    static let valve: UInt8 = 2
  }

  private enum Channel {
    /// The first of four.
    static let scan: UInt8 = 0
    static let float: UInt8 = 4
    static let valve: UInt8 = 5
  }

  private static let runningMs: UInt32 = 40
  /// A board that was held up does not make up for all of it.
  private static let backlogMs: UInt32 = 200
  private static let descriptorBytesMax = 160

  let settings: DeviceSettings
  private var descriptor: InlineArray<160, UInt8>
  private let page: BenchPage
  private var ticks: UInt32 = 0
  private var epoch: UInt32 = 0
  /// Thousandths of a sample.
  private var owed: UInt32 = 0
  private var isRunning = false
  private var runningNumber: Int32 = 0
  private var runningSince: UInt32 = 0
  private var isValveOpen = false
  private var isValveTold = true

  /// Describes the board; nothing is measured yet.
  init(page: BenchPage) {
    self.page = page
    descriptor = InlineArray(repeating: 0)
    var builder = DescriptorBuilder()
    Self.describe(in: &builder)
    precondition(!builder.isFull && builder.count <= Self.descriptorBytesMax)
    for index in 0..<builder.count { descriptor[index] = builder.span[index] }
    var settings = DeviceSettings()
    settings.descriptorBytes = UInt16(builder.count)
    settings.samplesPer1000s = page.samplesPerSecond &* 1000
    settings.batchMs = 20
    self.settings = settings
    page.reportBoot()
  }

  private static func describe(in builder: inout DescriptorBuilder) {
    builder.model(text("Embedded Swift board"))
    builder.firmware(text("1.0"))
    let keys: InlineArray<4, StaticString> = ["a", "b", "c", "d"]
    for index in keys.indices {
      builder.channel(
        key: text(keys[index]), unit: text("Cel"), exponent: -2, label: text(""))
    }
    builder.channel(key: text("f"), unit: text("m"), label: text(""))
    builder.channel(
      key: text("valve"), unit: text("/"), kind: 1, limits: DescriptorLimits(low: 0, high: 1),
      label: text(""))
    builder.command(name: text("mark"), op: Operation.mark, argument: text("n"))
    builder.command(
      name: text("valve"), op: Operation.valve, argument: text("open"),
      limits: DescriptorLimits(low: 0, high: 1), takesLease: true)
  }

  func descriptorByte(at offset: Int) -> UInt8 { descriptor[offset] }

  // MARK: Samples

  mutating func turn<let capacity: Int>(ticks: UInt32, session: inout DeviceSession<capacity>) {
    if session.epoch == epoch {
      owed += min(ticks &- self.ticks, Self.backlogMs) * page.samplesPerSecond
    } else {
      epoch = session.epoch
      owed = 0
    }
    self.ticks = ticks
    while owed >= 1000 {
      owed -= 1000
      if !page.isPaused { sample(into: &session) }
    }
    if !isValveTold {
      isValveTold = session.push(
        channel: Channel.valve, integer: isValveOpen ? 1 : 0, ticks: ticks)
    }
    if isRunning, ticks &- runningSince >= Self.runningMs {
      isRunning = false
      session.finish(DeviceOutcome(.done, value: runningNumber))
    }
    page.report(&session, ticks: ticks, isValveOpen: isValveOpen)
  }

  private func sample<let capacity: Int>(into session: inout DeviceSession<capacity>) {
    let seq = session.samplesMade
    let mixed = seq &* 2_654_435_761 ^ session.epoch &* 40_503
    let value = Int32(mixed &>> 22) - 512
    if seq % 97 == 96 {
      _ = session.push(channel: Channel.float, float: eighths(value), ticks: ticks)
    } else {
      _ = session.push(
        channel: Channel.scan + UInt8(seq % 4), integer: Int64(value), ticks: ticks)
    }
  }

  /// `count / 8`, put together from its bits: without a float unit, arithmetic would need a library
  /// (compiler-rt or libgcc) that this toolchain does not bring for riscv32.
  private func eighths(_ count: Int32) -> Double {
    guard count != 0 else { return 0 }
    let top = 31 - count.magnitude.leadingZeroBitCount
    let fraction = (UInt64(count.magnitude) &<< UInt64(52 - top)) & 0xF_FFFF_FFFF_FFFF
    let sign: UInt64 = count < 0 ? 1 &<< 63 : 0
    return Double(bitPattern: sign | UInt64(1023 + top - 3) &<< 52 | fraction)
  }

  // MARK: Commands

  mutating func command(op: UInt8, arguments: Span<UInt8>) -> DeviceOutcome {
    var reader = ArgumentReader(arguments)
    guard op == Operation.mark || op == Operation.valve else { return DeviceOutcome(.unknownOp) }
    guard let argument = reader.integer(), reader.isAtEnd,
      argument == Int64(Int32(truncatingIfNeeded: argument))
    else { return DeviceOutcome(.badArgument) }
    let number = Int32(truncatingIfNeeded: argument)
    return op == Operation.mark ? mark(number) : move(number)
  }

  private mutating func mark(_ number: Int32) -> DeviceOutcome {
    page.reportRun(number: number, epoch: epoch)
    guard number % 5 == 1 else { return DeviceOutcome(.done, value: number) }
    isRunning = true
    runningNumber = number
    runningSince = ticks
    return DeviceOutcome(.running)
  }

  private mutating func move(_ open: Int32) -> DeviceOutcome {
    guard open == 0 || open == 1 else { return DeviceOutcome(.badArgument) }
    setValve(open == 1)
    return DeviceOutcome(.done, value: open)
  }

  mutating func leaseLapsed(op: UInt8) {
    if op == Operation.valve { setValve(false) }
  }

  private mutating func setValve(_ isOpen: Bool) {
    isValveOpen = isOpen
    isValveTold = false
  }
}
