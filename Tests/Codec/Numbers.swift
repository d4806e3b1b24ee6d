import TestSupport

/// Columns of the kinds that stations make, and of those that nobody makes.
enum Numbers {
  static func any(_ prng: inout Prng) -> [Int64] {
    let counts = [0, 1, 2, 3, 63, 64, 65, 66, 128, 129, 130, 131, 132, 500, 1200]
    return any(&prng, count: counts[prng.below(counts.count)])
  }

  static func any(_ prng: inout Prng, count: Int) -> [Int64] {
    let scale = Int64(1) << Int64(prng.below(62))
    let unit: Int64 = [1, 1, 625, 1000, .min][prng.below(5)]
    var number = Int64(bitPattern: prng.next()) >> Int64(prng.below(64))
    var numbers: [Int64] = []
    let kind = prng.below(8)
    for index in 0..<count {
      let noise = Int64(truncatingIfNeeded: prng.next()) % scale
      switch kind {
      case 0: numbers.append(Int64(bitPattern: prng.next()))
      case 1: numbers.append(number &+ Int64(index) &* noise)
      case 2: numbers.append(number &+ noise &* unit)
      case 3:
        number &+= noise &* unit
        numbers.append(number)
      case 4: numbers.append(number &+ Int64(index) &* 1000 &+ noise % 4)
      case 5: numbers.append(prng.chance(2) ? noise : number)
      case 6: numbers.append([.min, .max, 0, -1, 1][prng.below(5)])
      default:
        if prng.chance(3) { number &-= noise }
        number &+= 1000
        numbers.append(number)
      }
    }
    return numbers
  }
}
