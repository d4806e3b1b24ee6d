/// What came of a simulated site.
public struct SiteReport: Encodable, Sendable {
  /// From which seed.
  public var seed: UInt64
  /// The promises that were broken; none when all is well.
  public var violations: [String]
  /// A hash of everything that happened: the same for the same seed.
  public var traceHash: UInt64
  /// What happened, the last of it.
  public var trace: [String]
  /// Records that were made.
  public var records: Int
  /// Requests between nodes.
  public var requests: Int

  /// Puts a report together.
  public init(
    seed: UInt64, violations: [String], traceHash: UInt64, trace: [String], records: Int,
    requests: Int
  ) {
    (self.seed, self.violations, self.traceHash) = (seed, violations, traceHash)
    (self.trace, self.records, self.requests) = (trace, records, requests)
  }
}

extension LocalVerbs {
  /// `simulate site`: a site from one seed, what happened in it, and whether it kept its promises.
  static func simulateSite(
    _ arguments: Arguments, _ settings: Settings, _ output: any Output, _ state: StateHooks
  ) throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 1...1, form: "simulate site")
    let seed = UInt64(try arguments.count("seed", max: .max) ?? 1)
    let report = state.site(seed)
    if settings.isJson {
      try output.write(json: report)
    } else {
      output.write(lines: report.trace)
      output.write(lines: [Message.siteSimulated(report).text(settings.language)])
    }
    return report.violations.isEmpty ? .success : .failure
  }
}
