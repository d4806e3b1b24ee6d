import Testing

@testable import Cli

@Suite("Help")
struct HelpTests {
  @Test("the page of a verb in French reads so")
  func french() {
    #expect(
      shown(HelpPage.page(of: .named(.answer), .french)) == """
        répondre à une question

        Utilisation_:
          bivouac answer QUESTION ANSWER

        «_bivouac questions_» liste les questions et les réponses qu’elles comprennent.

        Options de tous les verbes_:
          --json         écrire du JSON, dont la forme est stable
          --socket PATH  la socket du démon ($BIVOUAC_SOCKET)
          --state DIR    le dossier d’état du démon, où se trouve sa socket
          --site NAME    de plusieurs sites d’un hub, celui qu’on vise ($BIVOUAC_SITE)
          --lang en|fr   la langue, au lieu de celle de la locale
          --no-color     sans couleur_; aussi avec $NO_COLOR
          --help         l’aide de ce verbe

        Exemples_:
          bivouac answer q-8c1f another
        """)
  }

  @Test("the page of a verb in English reads so")
  func english() {
    #expect(
      shown(HelpPage.page(of: .named(.simulate), .english)) == """
        play boards, when you have none

        Usage:
          bivouac simulate KIND
          bivouac simulate site

        KIND is esp32 or otomate-companion. The boards speak the link protocol on
        pseudo-terminals that are handed to the daemon, and are marked simulated for
        ever, in every view. Runs until interrupted; then the boards are unplugged.

        site needs no daemon: it plays gateways and hubs on disks and links that fail,
        all from one seed, says what happened, and whether everybody knew the same in
        the end.

        Options:
          --count N     how many boards (1)
          --label NAME  what the boards' ports are called
          --seed N      of a site: what all its chance comes from (1)

        Options of every verb:
          --json         write JSON, whose form is stable
          --socket PATH  the daemon's socket ($BIVOUAC_SOCKET)
          --state DIR    the daemon's state folder, which holds its socket
          --site NAME    of several sites of a hub, the one meant ($BIVOUAC_SITE)
          --lang en|fr   the language, instead of the locale's
          --no-color     no colour; also with $NO_COLOR
          --help         help on this verb

        Examples:
          bivouac simulate esp32
          bivouac simulate otomate-companion --count 3
          bivouac simulate site --seed 7
        """)
  }

  @Test("no line of the help is wider than 80 columns", arguments: Language.allCases)
  func width(language: Language) {
    let pages = [HelpPage.overview(language)] + Verb.all.map { HelpPage.page(of: $0, language) }
    for line in pages.joined() { #expect(TextWidth.columns(line) <= 80, "\(line)") }
  }

  @Test("the overview names every verb and every exit code", arguments: Language.allCases)
  func overview(language: Language) {
    let text = HelpPage.overview(language).joined(separator: "\n")
    for name in Verb.Name.allCases { #expect(text.contains("\n  \(name.rawValue) ")) }
    for code in 0...5 { #expect(text.contains("\n  \(code) ")) }
  }
}
