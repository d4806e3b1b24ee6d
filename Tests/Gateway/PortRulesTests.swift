import Model
import Testing

@testable import Devices
@testable import Gateway

@Suite("Port rules") struct PortRulesTests {
  private let board: DeviceIdentity
  private let path: DeviceIdentity

  init() throws {
    board = try #require(DeviceIdentity(kind: .companion, bytes: Array(1...8)))
    path = try #require(DeviceIdentity(kind: .portPath, bytes: Array("1a86:7523@1-2".utf8)))
  }

  private func port(
    _ selector: Configuration.PortSelector, speed: UInt32? = nil, opens: Bool? = nil,
    kind: DeviceKind? = nil
  ) -> Configuration.Port {
    Configuration.Port(selector: selector, speedBaud: speed, opensAtStart: opens, kind: kind)
  }

  private func rule(_ rules: PortRules, _ identities: [DeviceIdentity] = []) -> PortRules.Rule {
    rules.rule(node: "/dev/ttyUSB0", socket: "pci-1", identities: identities)
  }

  @Test("nothing is said where nothing is written") func empty() {
    let rule = rule(PortRules(), [board])
    #expect(rule == PortRules.Rule())
    #expect(!rule.isNotOpenedByItself && !rule.isAlwaysOpened && !rule.isLeftAlone)
  }

  @Test("node, socket and identity each name a port, and only theirs") func selectors() {
    for selector: Configuration.PortSelector in [
      .node("/dev/ttyUSB0"), .socket("pci-1"), .identity(board),
    ] {
      let rules = PortRules([port(selector, speed: 9600)])
      #expect(rule(rules, [board]).speedBaud == 9600)
      let other = rules.rule(node: "/dev/ttyUSB1", socket: "pci-2", identities: [path])
      #expect(other == PortRules.Rule())
    }
  }

  @Test("an empty socket is the name of no port") func noSocket() {
    let rules = PortRules([port(.socket(""), speed: 9600)])
    #expect(rules.rule(node: "/dev/ttyUSB0", socket: "", identities: []) == PortRules.Rule())
  }

  @Test("identity counts more than socket, socket more than node, each value for itself")
  func precedence() {
    let rules = PortRules([
      port(.identity(board), opens: true), port(.identity(path), opens: false, kind: .text),
      port(.socket("pci-1"), speed: 9600, opens: false, kind: .printer),
      port(.node("/dev/ttyUSB0"), speed: 57600, kind: .ignored),
    ])
    let both = PortRules.Rule(speedBaud: 9600, opens: true, kind: .text)
    #expect(rule(rules, [path, board]) == both)
    #expect(rule(rules) == PortRules.Rule(speedBaud: 9600, opens: false, kind: .printer))
  }

  @Test("never keeps a person free to open, ignored does not, always is no match for ignored")
  func meaning() {
    let never = PortRules.Rule(opens: false)
    #expect(never.isNotOpenedByItself && !never.isLeftAlone && !never.isAlwaysOpened)
    let ignored = PortRules.Rule(opens: true, kind: .ignored)
    #expect(ignored.isNotOpenedByItself && ignored.isLeftAlone && !ignored.isAlwaysOpened)
    let always = PortRules.Rule(opens: true)
    #expect(!always.isNotOpenedByItself && always.isAlwaysOpened)
  }
}
