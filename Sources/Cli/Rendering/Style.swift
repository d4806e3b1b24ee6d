/// How words are set off on a terminal; nothing at all where colour is off.
struct Style: Equatable, Sendable {
  /// Whether escape sequences are written.
  var isColored: Bool

  /// The tones in use: few, and each always for the same thing.
  enum Tone: Equatable, Sendable {
    case plain
    /// Headings and names.
    case strong
    /// What matters less: ages, ids.
    case faint
    /// As it should be.
    case good
    /// To be looked at.
    case warning
    /// Wrong.
    case bad
    /// Not of the real world: simulated.
    case artificial
  }

  /// The text in a tone.
  func apply(_ tone: Tone, _ text: String) -> String {
    guard isColored, tone != .plain, !text.isEmpty else { return text }
    let code: String
    switch tone {
    case .plain: return text
    case .strong: code = "1"
    case .faint: code = "2"
    case .good: code = "32"
    case .warning: code = "33"
    case .bad: code = "31"
    case .artificial: code = "35"
    }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}
