import Glibc

/// Searches that leave nothing out and are too long without the optimiser; the exit code is 1 when
/// one found something.
@main enum Search {
  static func main() {
    guard Vector.unread.isEmpty else {
      print("not vectors: \(Vector.unread)")
      exit(1)
    }
    let areFramesGood = FrameSearch.run(GoldenFrame.all)
    let areCutsGood = CutSearch.run()
    exit(areFramesGood && areCutsGood ? 0 : 1)
  }
}
