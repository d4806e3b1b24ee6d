/// When a keeper that calls another node offers to prove what it has of that node's: at the
/// beginning of a session, and then now and then, since the called side cannot call.
///
/// Pure; times are µs of the running clock.
public struct ProofOffers: Sendable {
  /// Between two offers while nothing is asked.
  public static let pauseUs: Int64 = 300_000_000
  /// Questions in a row; who asks more is answered after the next pause. 512 ranges in five
  /// minutes: a year of ranges of an hour in an hour and a half.
  public static let questionsMax = 64

  private let pauseUs: Int64
  private var nextUs: Int64 = 0
  private var answeredCount = 0

  /// Begins with an offer being due.
  public init(pauseUs: Int64 = Self.pauseUs) { self.pauseUs = pauseUs }

  /// Whether an offer is due.
  public func isDue(nowUs: Int64) -> Bool { nowUs >= nextUs }

  /// Notes that nothing was asked, or the offer was refused.
  public mutating func noteNothing(nowUs: Int64) { rest(nowUs) }

  /// Notes that a question was answered, and whether there are more.
  public mutating func noteAnswered(isMore: Bool, nowUs: Int64) {
    answeredCount += 1
    if !isMore || answeredCount >= Self.questionsMax { rest(nowUs) }
  }

  private mutating func rest(_ nowUs: Int64) {
    nextUs = nowUs + pauseUs
    answeredCount = 0
  }
}
