/// What a node's records may do, as words: what people and programs say for the bits of a grant
/// (docs/sync-format.md section 5).
public enum ScopeWords {
  /// Every word, in the order of the bits from bit 0: never change the order.
  public static let all = ["record", "state", "command", "people", "grant", "keeper", "serve"]
}
