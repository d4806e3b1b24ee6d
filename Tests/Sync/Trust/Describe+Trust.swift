import Model
import Sync

extension Describe {
  /// The entries of kinds 19 to 22 in words; nil for others.
  static func trust(_ content: JournalContent) -> String? {
    switch content {
    case .siteFounded(let founded):
      return "site \(founded.site) [\(founded.name)] \(Hex.text(founded.signature))"
    case .grant(let grant):
      return "grant \(grant.site) \(grant.node) [\(grant.label)] \(grant.scopes.rawValue) "
        + "generation \(grant.generation)" + warrant(grant.warrant)
    case .revocation(let cut):
      let runs = cut.past.runs.map { run in
        " \(run.incarnation)" + run.lanes.map { " (\($0))" }.joined()
      }
      return "revocation \(cut.site) \(cut.node) \(cut.scopesLeft.rawValue) "
        + "generation \(cut.generation) seen" + runs.joined() + " kept"
        + cut.past.kept.map { " " + Hex.text($0) }.joined() + " [\(cut.reason)]"
        + warrant(cut.warrant)
    case .succession(let succession):
      return "succession \(succession.site) \(succession.old) \(Hex.text(succession.signature))"
    default: return nil
    }
  }

  private static func warrant(_ warrant: Warrant) -> String {
    switch warrant {
    case .origin: return " by its origin"
    case .site(let signature): return " by the site " + Hex.text(signature)
    }
  }
}
