import Testing
import Web

@testable import Gateway
@testable import Sync

@Suite("What recipients are told") struct LetterTextTests {
  @Test("dates are those of RFC 5322") func dates() {
    #expect(MailDate.text(0) == "Thu, 1 Jan 1970 00:00:00 +0000")
    #expect(MailDate.text(1_795_144_455_000_000) == "Fri, 20 Nov 2026 03:14:15 +0000")
    #expect(MailDate.plain(-1) == "1969-12-31 23:59:59")
  }

  @Test("base 64 is that of RFC 4648, in lines of 76") func base64() {
    for (text, coded) in [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"),
    ] {
      #expect(Base64.text(Array(text.utf8)) == coded)
    }
    #expect(Base64.lines([UInt8](repeating: 0, count: 58)).map(\.count) == [76, 4])
  }

  @Test("a subject of any language is words of ASCII, and never another line") func subject() {
    #expect(LetterText.encodedWords("é") == "=?utf-8?B?w6k=?=")
    let long = LetterText.encodedWords(String(repeating: "é", count: 60))
    #expect(long.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 76 })
    #expect(LetterText.oneLine("a\r\nBcc: b") == "a  Bcc: b")
  }

  @Test("only this machine's own mail server may go without TLS") func machine() {
    let ours = [
      "smtp://localhost", "smtp://localhost:2525", "smtp://127.0.0.1/x", "smtp://[::1]:25",
    ]
    for own in ours {
      #expect(LetterText.isOfThisMachine(own), "\(own)")
    }
    for other in ["smtp://localhost.example.org", "smtp://127.0.0.11", "smtps://localhost"] {
      #expect(!LetterText.isOfThisMachine(other), "\(other)")
    }
  }

  @Test("an address is of its form, and holds nothing that begins another line") func address() {
    for good in ["https://host/path?x=1", "http://127.0.0.1:80/"] {
      #expect(RecipientText.isAddress(good, .webhook))
    }
    for bad in ["", "https://", "https:///x", "ftp://host", "https://ho st", "https://é", "a\nb"] {
      #expect(!RecipientText.isAddress(bad, .webhook), "\(bad)")
    }
    #expect(RecipientText.isAddress("ada@example.org", .mail))
    for bad in ["", "ada", "@b", "a@", "a@b@c", "a@b,c", "<a@b>", "a @b", "a@b\r\nDATA"] {
      #expect(!RecipientText.isAddress(bad, .mail), "\(bad)")
    }
  }
}
