internal import Devices
internal import Model

/// What the configuration says of ports: `[ports."..."]`.
///
/// A port may be named by its node, its socket, or the identity of what is in it; what is said of
/// the identity counts more than what is said of the socket, and that more than the node, each for
/// itself: a speed given for the node stays where the identity has only a policy.
struct PortRules: Sendable {
  /// What holds for one port; nil where nothing is said.
  struct Rule: Equatable, Sendable {
    /// The speed that it is opened with, in baud.
    var speedBaud: UInt32?
    /// Whether it is opened without a person's asking: also at start, or not even when plugged in.
    var opens: Bool?
    /// What it is.
    var kind: DeviceKind?

    /// Whether it may never be opened, whoever asks.
    var isLeftAlone: Bool { kind == .ignored }
    /// Whether it may not be opened without a person's asking.
    var isNotOpenedByItself: Bool { isLeftAlone || opens == false }
    /// Whether it is opened at start too.
    var isAlwaysOpened: Bool { !isLeftAlone && opens == true }
  }

  private var nodes: [String: Rule] = [:]
  private var sockets: [String: Rule] = [:]
  private var identities: [DeviceIdentity: Rule] = [:]

  /// Takes the rules of a configuration, each selector once.
  init(_ ports: [Configuration.Port] = []) {
    for port in ports {
      let rule = Rule(speedBaud: port.speedBaud, opens: port.opensAtStart, kind: port.kind)
      switch port.selector {
      case .node(let node): nodes[node] = rule
      case .socket(let socket): sockets[socket] = rule
      case .identity(let identity): identities[identity] = rule
      }
    }
  }

  /// What holds for a port in which these devices are known or expected, the likeliest last.
  func rule(node: String, socket: String, identities known: [DeviceIdentity]) -> Rule {
    var rule = nodes[node] ?? Rule()
    if !socket.isEmpty { rule.take(sockets[socket]) }
    for identity in known { rule.take(identities[identity]) }
    return rule
  }

  /// The same for a live port.
  func rule(for port: LivePort) -> Rule {
    let candidate = IdentityLadder.candidate(for: port.facts)?.identity
    return rule(
      node: port.facts.devnode, socket: port.facts.socket,
      identities: [candidate, port.expected, port.binding].compactMap { $0 })
  }
}

extension PortRules.Rule {
  /// Lets what is said more precisely count.
  fileprivate mutating func take(_ other: Self?) {
    guard let other else { return }
    speedBaud = other.speedBaud ?? speedBaud
    opens = other.opens ?? opens
    kind = other.kind ?? kind
  }
}
