internal import Protocol

/// An ESP32 on a breadboard: a knob that someone turns slowly, a light, a display.
struct Esp32Device: PlayedDevice {
  private enum Op {
    static let led: UInt8 = 1
    static let text: UInt8 = 2
  }

  private var noise: Noise
  /// Hundredths, 0 to 400,000.
  private var value: Double = 200_000
  private var drift = 0.0
  private(set) var isLit = false
  private(set) var display = ""

  let descriptor: [UInt8]
  let periodMs: UInt64 = 1000
  let samplesPer1000s: UInt32 = 1000

  init(seed: UInt64) {
    noise = Noise(seed: seed)
    var writer = DescriptorWriter(model: "ESP32", firmware: "1.0")
    writer.channel("value", "", exponent: -2, limits: 0...400_000, label: "Valeur")
    writer.command("led", op: Op.led, argument: "on", limits: 0...1, isSignal: true)
    writer.command(
      "text", op: Op.text, argument: "text", isText: true, limits: 0...Limits.displayBytesMax)
    descriptor = writer.bytes
  }

  mutating func scan(elapsedMs: UInt64, emit: (UInt8, Int64) -> Void) {
    drift = drift * 0.95 + noise.signed() * 800
    value += drift
    // The knob has two ends: it stops there and is turned back.
    if value < 0 || value > 400_000 { drift = -drift }
    value = min(max(value, 0), 400_000)
    emit(0, Int64(value.rounded()))
  }

  mutating func command(
    op: UInt8, arguments: Span<UInt8>
  ) -> (outcome: DeviceOutcome, said: BoardEvent?) {
    switch op {
    case Op.led:
      guard let on = Self.integer(arguments, within: 0...1) else {
        return (DeviceOutcome(.badArgument), nil)
      }
      isLit = on == 1
      return (DeviceOutcome(.done), .command(name: "led", argument: "\(on)"))
    case Op.text:
      guard let text = Self.text(arguments, bytesMax: Limits.displayBytesMax) else {
        return (DeviceOutcome(.badArgument), nil)
      }
      display = text
      return (DeviceOutcome(.done), .command(name: "text", argument: text))
    default: return (DeviceOutcome(.unknownOp), nil)
    }
  }

  mutating func leaseLapsed(op: UInt8) -> String {
    if op == Op.led { isLit = false }
    return op == Op.led ? "led" : "text"
  }

  mutating func takeFinished() -> DeviceOutcome? { nil }
}
