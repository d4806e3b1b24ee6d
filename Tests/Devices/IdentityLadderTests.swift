import Devices
import Model
import Testing

@Suite("Identity ladder") struct IdentityLadderTests {
  private func text(_ facts: PortFacts, serialRepeats: Bool = false) -> String? {
    IdentityLadder.candidate(for: facts, serialRepeats: serialRepeats)?.identity.text
  }

  @Test(
    "the serial of a vendor that makes them unique is enough",
    arguments: ["0403", "2341", "2a03", "303a", "2c99", "16c0"])
  func unique(vendor: String) throws {
    let here = usbFacts(vendor, "0483", serial: "A9B8C7", socket: "1")
    let there = usbFacts(vendor, "0483", serial: "A9B8C7", socket: "2")
    #expect(text(here) == "usb-\(vendor):0483:A9B8C7")
    #expect(text(here) == text(there))
  }

  @Test("of the vendor that many makers share only Teensy's products are trusted")
  func sharedVendor() {
    let facts = usbFacts("16c0", "05dc", serial: "A9B8C7", socket: "1")
    #expect(text(facts)?.hasPrefix("usbp-16c0:05dc:A9B8C7@") == true)
  }

  @Test("any other serial counts only with its socket") func mayRepeat() {
    #expect(
      text(usbFacts("10c4", "ea60", serial: "ABC987", socket: "1.2"))
        == "usbp-10c4:ea60:ABC987@pci-0000:00:14.0-usb-0:1.2:1.0")
  }

  @Test("a serial once seen twice counts only with its socket") func repeating() {
    let facts = usbFacts("0403", "6001", serial: "FT1", socket: "3")
    #expect(text(facts, serialRepeats: true) == "usbp-0403:6001:FT1@pci-0000:00:14.0-usb-0:3:1.0")
  }

  @Test("without a serial there is only the socket") func path() throws {
    let candidate = try #require(IdentityLadder.candidate(for: usbFacts()))
    #expect(candidate.identity.text == "port-1a86:7523@pci-0000:00:14.0-usb-0:1:1.0")
    #expect(!candidate.hasSharedSerial)
  }

  @Test(
    "a serial that whole production runs share is none, and is marked",
    arguments: ["0001", "0123456789", "12345678", "200901010001", "0000000000", "SN", "FFFFFFFF"])
  func knownBad(serial: String) throws {
    for vendor in ["10c4", "0403"] {
      let candidate = try #require(IdentityLadder.candidate(for: usbFacts(vendor, serial: serial)))
      #expect(candidate.trust == .path)
      #expect(candidate.hasSharedSerial)
    }
  }

  @Test("the interfaces and ports of one adapter are different devices") func functions() {
    var first = usbFacts("0403", "6010", serial: "FT2")
    let zero = text(first)
    first.interfaceNumber = 1
    let one = text(first)
    first.portNumber = 2
    #expect(Set([zero, one, text(first)]).count == 3)
    var bare = usbFacts()
    let bareZero = text(bare)
    bare.portNumber = 1
    #expect(text(bare) != bareZero)
  }

  @Test("whatever a serial holds, the identity is valid and different serials stay different")
  func hostile() {
    let serials = [
      "a b", "a@b", "a#b", "a%40b", "éa", "\u{1}\u{2}", String(repeating: "y", count: 250),
      String(repeating: "y", count: 249) + "z",
    ]
    let texts = serials.map { text(usbFacts("0403", serial: $0)) }
    let identities = Set(texts)
    #expect(identities.count == serials.count, "\(texts)")
    #expect(!identities.contains(nil))
  }

  @Test("an id of zeros names no board") func noId() {
    #expect(IdentityLadder.companion(id: bytes(0), simulated: false) == nil)
    #expect(IdentityLadder.companion(id: [1, 2], simulated: false) == nil)
    #expect(IdentityLadder.companion(id: bytes(9), simulated: true)?.isSimulated == true)
  }

  @Test("a simulated port has no identity of its own") func simulated() {
    #expect(IdentityLadder.candidate(for: .simulated(number: 1, devnode: "/dev/pts/9")) == nil)
  }

  @Test("bare bridges are never probed, printers may be") func bridges() {
    for (vendor, model) in [
      ("1a86", "7523"), ("10c4", "ea60"), ("0403", "6001"), ("067b", "2303"), ("2341", "0042"),
      ("303a", "1001"),
    ] {
      #expect(UsbCatalogue.isBareBridge(usbFacts(vendor, model)))
      #expect(!UsbCatalogue.isPrinterOnly(usbFacts(vendor, model)))
    }
    #expect(UsbCatalogue.isPrinterOnly(usbFacts("2c99", "0002")))
  }
}
