import Testing

@testable import Sync

@Suite("A site's key as a person keeps it") struct SiteKeyTextTests {
  private let seed = (0..<32).map { UInt8($0 * 7) }

  @Test("the text gives back the key, whatever its case, hyphens and blanks")
  func roundTrip() {
    let text = SiteKeyText.text(seed: seed)
    #expect(text.filter { $0 != "-" }.count == 56)
    #expect(SiteKeyText.seed(text) == seed)
    #expect(SiteKeyText.seed(" " + text.lowercased().filter { $0 != "-" } + "\n") == seed)
  }

  @Test("every slip of one character is noticed")
  func slips() {
    let text = Array(SiteKeyText.text(seed: seed))
    for index in text.indices where text[index] != "-" {
      var typed = text
      typed[index] = text[index] == "7" ? "8" : "7"
      #expect(SiteKeyText.seed(String(typed)) == nil, "at \(index)")
    }
    #expect(SiteKeyText.seed("") == nil)
    #expect(SiteKeyText.seed(String(text.dropLast())) == nil)
  }
}
