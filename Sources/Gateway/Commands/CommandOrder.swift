public import Model
public import Sync

/// A command on this node, from its issue to its outcome.
public struct CommandOrder: Sendable, Hashable {
  /// What was asked, as it stands in the journal.
  public var issued: CommandIssued
  /// The arguments as a person wrote them.
  public var arguments: [String]
  /// Who asked.
  public var issuer: String
  /// When, in microseconds of CLOCK_BOOTTIME.
  public var issuedUs: Int64
  /// Where it stands on the wire, once claimed.
  public var claim: CommandClaimed?
  /// Where its life stands.
  public var state: CommandView.State
  /// Why, for refusals, failures and unknowns.
  public var reason: String?
  /// What the board gave back.
  public var value: Int64?

  /// A command whose issue is on disk.
  public init(issued: CommandIssued, arguments: [String], issuer: String, issuedUs: Int64) {
    self.issued = issued
    self.arguments = arguments
    self.issuer = issuer
    self.issuedUs = issuedUs
    state = .queued
  }

  /// When its life ends, in microseconds of CLOCK_BOOTTIME.
  ///
  /// Both come from the disk: a damaged one may say anything, and then it is far away.
  public var deadlineUs: Int64 {
    let (lifeUs, isLong) = issued.lifeMs.multipliedReportingOverflow(by: 1000)
    let (endUs, isLate) = issuedUs.addingReportingOverflow(Int64(clamping: lifeUs))
    return isLong || isLate ? .max / 4 : min(endUs, .max / 4)
  }

  /// As the API shows it.
  public var view: CommandView {
    var view = CommandView(
      id: issued.id.description, device: issued.identity.text, name: issued.name,
      arguments: arguments, state: state, issuer: issuer, issuedUs: issuedUs,
      lifeMs: UInt32(clamping: issued.lifeMs), leaseMs: UInt32(clamping: issued.leaseMs))
    view.reason = reason
    view.value = value
    return view
  }
}
