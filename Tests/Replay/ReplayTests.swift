import FuzzChecks
import Testing

/// What the fuzzers of `fuzz/` do by the million, on what is known to be worth it.
@Suite("The inputs of the fuzzers") struct ReplayTests {
  @Test("every vector passes its check", arguments: FuzzCheck.all)
  func seeds(check: FuzzCheck) {
    let seeds = check.seeds()
    #expect(seeds.count >= 5)
    for seed in seeds { #expect(check.problem(seed) == nil, "\(seed)") }
  }

  @Test("every input that ever broke a check passes it", arguments: FuzzCheck.all)
  func regressions(check: FuzzCheck) {
    for regression in Seeds.regressions(of: check) {
      #expect(check.problem(regression.bytes) == nil, "\(regression.what)")
    }
  }

  @Test("every vector passes its check after a byte was changed", arguments: FuzzCheck.all)
  func changed(check: FuzzCheck) {
    for seed in check.seeds() where !seed.isEmpty {
      for at in stride(from: 0, to: seed.count, by: 1 + seed.count / 24) {
        for byte: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
          var bytes = seed
          bytes[at] = byte
          let problem = check.problem(bytes)
          if let problem { Issue.record("\(problem): \(bytes)") }
        }
      }
    }
  }

  @Test("the checks have their inputs: a file of regressions is read") func files() {
    #expect(Seeds.regressions(of: .frames).count >= 1)
    #expect(Seeds.bytes(ofHex: "0g") == nil && Seeds.bytes(ofHex: "000") == nil)
  }
}
