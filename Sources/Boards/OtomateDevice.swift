internal import Protocol

/// An Otomate with companion firmware: its 27 channels, once a second, and what it moves.
struct OtomateDevice: PlayedDevice {
  private static let relays = 6
  private static let rollUps = 3
  /// The operation of the first relay, and of the first roll-up.
  private static let relayOp: UInt8 = 1
  private static let rollUpOp: UInt8 = 11
  /// A roll-up runs from shut to open in 50 s.
  private static let percentPerSecond = 2.0

  private var day: GreenhouseDay
  private var isOn = [Bool](repeating: false, count: Self.relays)
  /// Percent open, and where a command sends it.
  private var position = [Double](repeating: 0, count: Self.rollUps)
  private var target = [Double](repeating: 0, count: Self.rollUps)
  /// The roll-up whose command runs.
  private var moving: Int?
  private var finished: DeviceOutcome?

  let descriptor: [UInt8]
  let periodMs: UInt64 = 1000
  let samplesPer1000s: UInt32 = 27_000

  init(seed: UInt64, secondsOfDay: Int) {
    day = GreenhouseDay(seed: seed, secondsOfDay: secondsOfDay)
    descriptor = Self.describe()
  }

  private static func describe() -> [UInt8] {
    var writer = DescriptorWriter(model: "Otomate V2", firmware: "1.0")
    let celsius: ClosedRange<Int64> = -400...850
    writer.channel("in.temp", "Cel", exponent: -1, limits: celsius, label: "Temp. serre")
    writer.channel("in.hum", "%RH", exponent: -1, limits: 0...1000, label: "Hum. serre")
    writer.channel("in.abs", "kg/m3", exponent: -4, limits: 0...2000, label: "Hum. abs. serre")
    writer.channel("out.temp", "Cel", exponent: -1, limits: celsius, label: "Temp. dehors")
    writer.channel("out.hum", "%RH", exponent: -1, limits: 0...1000, label: "Hum. dehors")
    writer.channel("out.abs", "kg/m3", exponent: -4, limits: 0...2000, label: "Hum. abs. dehors")
    writer.channel("rain", "/", kind: 1, limits: 0...1, label: "Pluie")
    writer.channel("rainfall", "m", kind: 2, exponent: -4, label: "Pluie du jour")
    writer.channel("wind", "m/s", exponent: -1, limits: 0...600, label: "Vent")
    writer.channel("radiation", "W/m2", limits: 0...1500, label: "Rayonnement")
    writer.channel("joules", "J/m2", kind: 2, exponent: 4, label: "Joules du jour")
    for number in 1...3 {
      writer.channel(
        "tens\(number)", "Pa", exponent: 2, limits: 0...1000, label: "Tensiomètre \(number)")
    }
    writer.channel("ratio", "/", exponent: -2, limits: 0...100, label: "Ensoleillement")
    writer.channel("heat.target", "Cel", kind: 1, exponent: -1, label: "Consigne chauffage")
    writer.channel("cool.target", "Cel", kind: 1, exponent: -1, label: "Consigne aération")
    for number in 1...rollUps {
      writer.channel("r\(number)", "%", kind: 1, limits: 0...100, label: "Côté \(number)")
    }
    for number in 1...relays {
      writer.channel("d\(number)", "/", kind: 1, limits: 0...1, label: "Appareil \(number)")
    }
    writer.channel("alarm", "/", kind: 1, limits: 0...1, label: "Alarme")
    for number in 1...relays {
      writer.command(
        "d\(number)", op: relayOp + UInt8(number - 1), argument: "on", limits: 0...1,
        takesLease: true)
    }
    for number in 1...rollUps {
      writer.command(
        "r\(number)", op: rollUpOp + UInt8(number - 1), argument: "position", limits: 0...100)
    }
    return writer.bytes
  }

  // MARK: Measuring

  mutating func scan(elapsedMs: UInt64, emit: (UInt8, Int64) -> Void) {
    move(elapsedMs: elapsedMs)
    // D1 and D2 are fans, D3 and D4 heaters, D5 a lamp, D6 a valve.
    day.advance(
      elapsedMs: elapsedMs, opening: position.reduce(0, +) / 100 / Double(Self.rollUps),
      fans: (isOn[0] ? 1 : 0) + (isOn[1] ? 1 : 0), heaters: (isOn[2] ? 1 : 0) + (isOn[3] ? 1 : 0))
    var channel: UInt8 = 0
    func say(_ value: Double) {
      emit(channel, Int64(value.rounded()))
      channel += 1
    }
    say(day.insideCelsius * 10)
    say(day.insidePercent * 10)
    say(absolute(day.insideCelsius, day.insidePercent))
    say(day.outsideCelsius * 10)
    say(day.outsidePercent * 10)
    say(absolute(day.outsideCelsius, day.outsidePercent))
    say(day.isRaining ? 1 : 0)
    say(day.rainfallMillimetres * 10)
    say(day.windMetresPerSecond * 10)
    say(day.radiationWatts)
    say(day.joules / 10_000)
    for tension in day.tensionKilopascals { say(tension * 10) }
    say(day.weatherRatio * 100)
    say(day.heatingTarget * 10)
    say(day.coolingTarget * 10)
    for index in position.indices { say(position[index]) }
    for index in isOn.indices { say(isOn[index] ? 1 : 0) }
    say(day.insideCelsius < 5 || day.insideCelsius > 35 ? 1 : 0)
  }

  /// Tenths of a gram in a cubic metre.
  private func absolute(_ celsius: Double, _ percent: Double) -> Double {
    GreenhouseDay.gramsPerCubicMetre(celsius: celsius, percent: percent) * 10
  }

  private mutating func move(elapsedMs: UInt64) {
    let step = Self.percentPerSecond * Double(elapsedMs) / 1000
    for index in position.indices {
      let way = target[index] - position[index]
      position[index] += min(max(way, -step), step)
    }
    if let index = moving, position[index] == target[index] {
      moving = nil
      finished = DeviceOutcome(.done, value: Int32(position[index]))
    }
  }

  // MARK: Moving

  mutating func command(
    op: UInt8, arguments: Span<UInt8>
  ) -> (outcome: DeviceOutcome, said: BoardEvent?) {
    if let index = Self.index(op, of: Self.relayOp, count: Self.relays) {
      guard let on = Self.integer(arguments, within: 0...1) else {
        return (DeviceOutcome(.badArgument), nil)
      }
      isOn[index] = on == 1
      return (DeviceOutcome(.done), .command(name: "d\(index + 1)", argument: "\(on)"))
    }
    guard let index = Self.index(op, of: Self.rollUpOp, count: Self.rollUps) else {
      return (DeviceOutcome(.unknownOp), nil)
    }
    guard let percent = Self.integer(arguments, within: 0...100) else {
      return (DeviceOutcome(.badArgument), nil)
    }
    target[index] = Double(percent)
    moving = index
    return (DeviceOutcome(.running), .command(name: "r\(index + 1)", argument: "\(percent)"))
  }

  private static func index(_ op: UInt8, of first: UInt8, count: Int) -> Int? {
    op >= first && Int(op - first) < count ? Int(op - first) : nil
  }

  mutating func leaseLapsed(op: UInt8) -> String {
    if let index = Self.index(op, of: Self.relayOp, count: Self.relays) {
      isOn[index] = false
      return "d\(index + 1)"
    }
    return "r\(Int(op) - Int(Self.rollUpOp) + 1)"
  }

  mutating func takeFinished() -> DeviceOutcome? {
    defer { finished = nil }
    return finished
  }
}
