import Model
import Sync

/// What nobody who takes the word of others can spare: a signature verified for each of so many
/// entries, and nothing else.
enum VerifyBench {
  /// Prints how many seconds of processor time that takes.
  static func run(_ count: Int) {
    let key = FleetBench.key(1)
    // As long as the usual entry.
    let messages = (0..<64).map { number in [UInt8](repeating: UInt8(number), count: 160) }
    let signatures = messages.map { key.sign($0) }
    var held = 0
    let cost = Measure.of {
      for number in 0..<count {
        let place = number % messages.count
        if Signatures.holds(signatures[place], over: messages[place], by: key.id) { held += 1 }
      }
    }
    precondition(held == count, "\(held) of \(count) hold")
    print("\(cost.cpuS)")
  }
}
