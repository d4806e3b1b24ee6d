/// Which release this is.
public enum BivouacVersion {
  /// By semantic versioning.
  public static let text = "0.1.0"
}
