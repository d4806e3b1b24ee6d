public import FuzzChecks
internal import Glibc

/// One check in the hands of libFuzzer.
public enum Fuzzer {
  /// Writes the seeds and regressions of a check, a file each, into the folder that `FUZZ_SEEDS`
  /// names, if any; 0 when all are there.
  public static func writeSeeds(of check: FuzzCheck) -> Int32 {
    guard let folder = unsafe getenv("FUZZ_SEEDS") else { return 0 }
    let place = unsafe String(cString: folder)
    let inputs = check.seeds() + Seeds.regressions(of: check).map(\.bytes)
    for (index, bytes) in inputs.enumerated() where !write(bytes, to: "\(place)/seed-\(index)") {
      print("cannot write a seed to \(place)")
      exit(1)
    }
    return 0
  }

  /// Runs the check on one input; what does not hold stops the process, as a trap does. The bytes
  /// are libFuzzer's and copied.
  public static func judge(_ check: FuzzCheck, _ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
    guard let problem = unsafe check.problem(Array(bytes)) else { return 0 }
    // An optimised program traps without a word; what it found is said first.
    print("broken: \(problem)")
    fflush(nil)
    preconditionFailure(problem)
  }

  private static func write(_ bytes: [UInt8], to path: String) -> Bool {
    guard let file = unsafe fopen(path, "we") else { return false }
    let count = unsafe bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
    return unsafe fclose(file) == 0 && count == bytes.count
  }
}
