internal import FuzzChecks
internal import Fuzzing

// libFuzzer has the main; it calls these two by their names.
@_cdecl("LLVMFuzzerInitialize")
func begin(_ count: UnsafeMutableRawPointer?, _ words: UnsafeMutableRawPointer?) -> Int32 {
  Fuzzer.writeSeeds(of: .hello)
}

@_cdecl("LLVMFuzzerTestOneInput")
func judge(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  unsafe Fuzzer.judge(.hello, UnsafeBufferPointer(start: bytes, count: count))
}
