/// How long a search takes.
enum Stopwatch {
  /// Seconds that `work` took, to a tenth.
  static func seconds(_ work: () -> Void) -> Double {
    let tenth = Duration.milliseconds(100)
    return (ContinuousClock().measure(work) / tenth).rounded() / 10
  }
}
