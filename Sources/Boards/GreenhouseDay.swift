/// The weather and the air of a greenhouse through a day: plausible, not physics.
struct GreenhouseDay {
  private var noise: Noise
  private var cloud = 0.3
  private var gust = 0.0
  /// Milliseconds since midnight.
  private var timeMs: UInt64

  private(set) var insideCelsius = 16.0
  private(set) var insidePercent = 70.0
  private(set) var outsideCelsius = 10.0
  private(set) var outsidePercent = 65.0
  private(set) var windMetresPerSecond = 2.0
  private(set) var radiationWatts = 0.0
  private(set) var joules = 0.0
  private(set) var isRaining = false
  private(set) var rainfallMillimetres = 0.0
  private(set) var tensionKilopascals = [12.0, 14.0, 18.0]

  init(seed: UInt64, secondsOfDay: Int) {
    noise = Noise(seed: seed)
    timeMs = UInt64(max(secondsOfDay, 0) % 86_400) * 1000
  }

  private var hour: Double { Double(timeMs) / 3_600_000 }

  /// Height of the sun: a parabola from six in the morning to eight in the evening, 0 to 1.
  private var sun: Double {
    let fromNoon = (hour - 13) / 7
    return max(0, 1 - fromNoon * fromNoon)
  }

  /// From 0 in a cloudy sky to 1 in a clear one.
  var weatherRatio: Double { 1 - cloud }

  var heatingTarget: Double { sun > 0 ? 18 : 15 }
  var coolingTarget: Double { heatingTarget + 6 }

  /// Lets time pass.
  ///
  /// - Parameters:
  ///   - elapsedMs: how much.
  ///   - opening: of the roll-up sides on average, 0 to 1.
  ///   - fans: how many fans turn.
  ///   - heaters: how many heaters burn.
  mutating func advance(elapsedMs: UInt64, opening: Double, fans: Int, heaters: Int) {
    let seconds = Double(elapsedMs) / 1000
    let before = timeMs
    timeMs = (timeMs + elapsedMs) % 86_400_000
    if timeMs < before { (joules, rainfallMillimetres) = (0, 0) }
    cloud = min(max(cloud + noise.signed() * 0.004 * seconds, 0), 1)
    gust = gust * 0.9 + noise.signed() * 0.4
    isRaining = cloud > 0.85
    if isRaining { rainfallMillimetres += 0.0006 * seconds }

    radiationWatts = 900 * sun * (1 - 0.8 * cloud)
    joules += radiationWatts * seconds
    windMetresPerSecond = max(0, 2 + 2 * sun + gust)
    let outside = 8 + 12 * sun - 3 * cloud
    outsideCelsius += (outside - outsideCelsius) * min(1, seconds / 1800)
    outsidePercent = min(98, max(25, 90 - 45 * sun + 15 * cloud))

    let gain = radiationWatts * 0.022 * (1 - 0.7 * opening) + Double(heaters) * 4
    let exchange = 0.15 + 0.85 * opening + 0.2 * Double(fans)
    let balance = outsideCelsius + gain / exchange
    insideCelsius += (min(balance, 45) - insideCelsius) * min(1, seconds / 300)
    let humidity = 85 - 25 * sun - 10 * opening
    insidePercent += (humidity - insidePercent) * min(1, seconds / 600)
    for index in tensionKilopascals.indices {
      let drying = radiationWatts * 0.000_000_5 * Double(index + 2) * seconds
      let next = tensionKilopascals[index] + drying
      // Someone waters at 35 kPa.
      tensionKilopascals[index] = next > 35 ? 8 : next
    }
  }

  /// Grams of water in a cubic metre of air: between points of the saturation curve.
  static func gramsPerCubicMetre(celsius: Double, percent: Double) -> Double {
    let saturation = [0.9, 2.4, 4.8, 9.4, 17.3, 30.4, 51.1, 83.0]
    let place = min(max((celsius + 20) / 10, 0), Double(saturation.count - 1))
    let index = min(Int(place), saturation.count - 2)
    let part = place - Double(index)
    let full = saturation[index] * (1 - part) + saturation[index + 1] * part
    return full * percent / 100
  }
}
