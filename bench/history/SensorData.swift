import Glibc
import TestSupport

/// What a channel of the measurements tells, once a second: the same seed gives every database the
/// same readings.
///
/// Each has the noise that such a sensor has; a smooth curve would flatter whoever stores
/// differences.
nonisolated enum SensorKind: String, CaseIterable {
  /// Tenths of a degree: a day of six degrees' swing, and noise of 0.7 tenths (standard deviation).
  case temperature
  /// Hundredths of pH: a slow wander, and noise of one hundredth.
  case ph
  /// 0 or 1, changing after between 1 and 1,800 seconds.
  case relay
  /// Pulses since the start: between none and four more each second, two on average.
  case counter
  /// Sixteenths of a degree, told in ten-thousandths: a DS18B20, with noise of half a step.
  case ds18b20
  /// Finite numbers of 64 random bits: what nobody can make smaller.
  case float64

  /// How a number of the channel is written: mantissa x 10^exponent; nil for floats.
  var exponent: Int8? {
    switch self {
    case .temperature: return -1
    case .ph: return -2
    case .relay, .counter: return 0
    case .ds18b20: return -4
    case .float64: return nil
    }
  }

  var unit: String {
    switch self {
    case .temperature, .ds18b20: return "Cel"
    case .ph: return "pH"
    case .relay, .counter, .float64: return "1"
    }
  }

  /// The number that a mantissa, or the bits of a float, stand for.
  func double(_ value: Int64) -> Double {
    guard let exponent else { return Double(bitPattern: UInt64(bitPattern: value)) }
    // Dividing by a power of ten rounds once; multiplying by its inverse would round twice.
    return Double(value) / pow(10, Double(-exponent))
  }

  /// What all overhead included a reading may take at rest, on an exact clock.
  var bytesMaxExact: Double {
    switch self {
    case .temperature, .ph, .relay, .counter: return 0.5
    case .ds18b20: return 0.6
    case .float64: return 8.5
    }
  }
}

/// A kind of channel on a kind of clock.
nonisolated struct SensorSet: Sendable {
  let kind: SensorKind
  /// Whether the board's scans waver by 3 ms (standard deviation) around each second.
  let hasJitter: Bool

  /// Those that the issue names.
  static let all =
    SensorKind.allCases.map { SensorSet(kind: $0, hasJitter: false) }
    + SensorKind.allCases.filter { $0 != .float64 }.map { SensorSet(kind: $0, hasJitter: true) }

  init(kind: SensorKind, hasJitter: Bool) {
    self.kind = kind
    self.hasJitter = hasJitter
  }

  /// The one of that name.
  init(named name: String) throws {
    guard let found = Self.all.first(where: { $0.name == name }) else {
      throw SensorText.Unknown(what: name)
    }
    self = found
  }

  var name: String { kind.rawValue + (hasJitter ? "-jitter" : "") }

  var bytesMax: Double { hasJitter ? 1.0 : kind.bytesMaxExact }
}

/// When a board scans its channels, second after second.
nonisolated struct SensorClock {
  private let hasJitter: Bool
  private var normal: Normal
  private var second: Int64

  /// Begins at a second of the board's clock.
  init(_ set: SensorSet, board: Int, second: Int = 0) {
    hasJitter = set.hasJitter
    normal = Normal(seed: UInt64(1_000_000 + board))
    self.second = Int64(second)
  }

  /// Milliseconds of the board's clock at the next scan.
  mutating func next() -> Int64 {
    defer { second += 1 }
    // Away from the second's edge: jitter changes no order.
    let timeMs = second * 1000 + 50
    return hasJitter ? timeMs + Int64(min(max(3 * normal.next(), -45), 45).rounded()) : timeMs
  }
}

/// One channel's values, second after second.
nonisolated struct Sensor {
  private let kind: SensorKind
  private var normal: Normal
  private var second: Int64
  /// Of pH, the wander; of a relay or counter, where it stands.
  private var level = 0.0
  private var state: Int64 = 0
  private var secondsLeft = 0

  /// Begins at a second of the board's clock.
  init(_ kind: SensorKind, channel: Int, second: Int = 0) {
    self.kind = kind
    self.second = Int64(second)
    normal = Normal(seed: UInt64(1 + channel))
  }

  /// The next value: the mantissa, or the bits of a float.
  mutating func next() -> Int64 {
    defer { second += 1 }
    switch kind {
    case .temperature: return Int64((200 + 30 * swing + 0.7 * normal.next()).rounded())
    case .ph:
      level += 0.02 * normal.next() - level / 20_000
      return Int64((700 + 10 * level + normal.next()).rounded())
    case .relay:
      if secondsLeft == 0 {
        state = 1 - state
        secondsLeft = 1 + normal.random.below(1800)
      }
      secondsLeft -= 1
      return state
    case .counter:
      // The sum of four coins is 0 to 4, 2 on average.
      state += Int64((normal.random.next() & 0xF).nonzeroBitCount)
      return state
    case .ds18b20: return Int64((320 + 48 * swing + 0.5 * normal.next()).rounded()) * 625
    case .float64:
      while true {
        let bits = normal.random.next()
        if Double(bitPattern: bits).isFinite { return Int64(bitPattern: bits) }
      }
    }
  }

  private var swing: Double { sin(Double(second) * 2 * Double.pi / 86_400) }
}

/// Normal deviates of mean 0 and standard deviation 1 (Box and Muller, 1958).
nonisolated private struct Normal {
  var random: Prng
  private var spare: Double?

  init(seed: UInt64) { random = Prng(seed: seed) }

  mutating func next() -> Double {
    if let value = spare {
      spare = nil
      return value
    }
    let unit = 1.0 / Double(1 << 53)
    let one = (Double(random.next() >> 11) + 1) * unit
    let two = Double(random.next() >> 11) * unit
    let radius = (-2 * log(one)).squareRoot()
    spare = radius * sin(2 * Double.pi * two)
    return radius * cos(2 * Double.pi * two)
  }
}
