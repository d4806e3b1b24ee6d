import Model
import Testing

@Suite("Model") struct ModelTests {
  @Test(
    "a decimal is written exactly",
    arguments: [
      (215, -1, "21.5"), (-5, -2, "-0.05"), (0, -1, "0.0"), (7, 0, "7"), (3, 2, "300"),
      (Int64.min, -3, "-9223372036854775.808"),
    ] as [(Int64, Int8, String)])
  func decimalText(mantissa: Int64, exponent: Int8, text: String) {
    #expect("\(Value.decimal(mantissa, exponent: exponent))" == text)
  }

  @Test(
    "the short name of a site is one word of a path",
    arguments: ["main", "a", "9", "north-2", String(repeating: "x", count: 32)])
  func places(text: String) { #expect(SitePlace.isValid(text)) }

  @Test(
    "what could be another path or another name is no short name of a site",
    arguments: [
      "", "-a", "a-", "A", "a b", "a/b", "..", "a.b", "a%62", "é", "a\n",
      String(repeating: "x", count: 33),
    ])
  func noPlaces(text: String) { #expect(!SitePlace.isValid(text)) }

  @Test("the first site is at the root, others below it") func placePaths() {
    #expect(SitePlace.path(of: "main").isEmpty && SitePlace.path(of: "n") == "/site/n")
    #expect(HubSiteView(place: "main", state: "served").path == "/")
    #expect(HubSiteView(place: "n", state: "served").path == "/site/n/")
  }

  @Test("an identity's text form reads back as itself")
  func identityRoundTrip() throws {
    let path = Array("1a86:7523@pci-0000:00:14.0-usb-0:2:1.0".utf8)
    for kind in DeviceIdentity.Kind.allCases {
      let bytes: [UInt8] =
        kind == .usbSerial || kind == .usbSerialAtPath || kind == .portPath ? path : Array(1...8)
      let identity = try #require(DeviceIdentity(kind: kind, bytes: bytes))
      #expect(DeviceIdentity(text: identity.text) == identity)
    }
  }

  @Test("an identity of the wrong size or with white space is refused")
  func identityRefused() {
    #expect(DeviceIdentity(kind: .companion, bytes: [1, 2, 3]) == nil)
    #expect(DeviceIdentity(kind: .usbSerial, bytes: Array("a b".utf8)) == nil)
    #expect(DeviceIdentity(text: "board-zz") == nil)
    #expect(DeviceIdentity(text: "nothing") == nil)
  }
}
