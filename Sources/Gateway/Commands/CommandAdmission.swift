public import Model
public import Sync

/// What becomes of an order that another node gave, when it comes: pure, for the node and for the
/// simulated one.
public enum CommandAdmission: Hashable, Sendable {
  /// It is not this node's to carry out, or was dealt with before.
  case none
  /// It is not carried out, for this reason.
  case refused(String)
  /// The desk is to take it.
  case taken(CommandOrder)

  /// Judges an order.
  ///
  /// - Parameters:
  ///   - node: this node.
  ///   - ageUs: how old the order is at most, in µs; nil where nobody can say.
  ///   - nowUs: CLOCK_BOOTTIME in µs.
  ///   - isElsewhere: whether another node has the device now.
  ///   - isOpen: whether the records of the site leave it open.
  public static func judge(
    _ issued: CommandIssued, stamp: Stamp, node: NodeId, ageUs: Int64?, nowUs: Int64,
    isElsewhere: Bool, isOpen: Bool, desk: CommandDesk
  ) -> CommandAdmission {
    let isFollowed = SeededBug.retargetedCommand.isOn && !isElsewhere
    guard issued.node == node || isFollowed, desk.order(issued.id) == nil, isOpen else {
      return .none
    }
    guard let ageUs else { return .refused("no-clock") }
    let order = CommandOrder(
      issued: issued, arguments: [], issuer: stamp.author, issuedUs: nowUs - ageUs)
    guard order.deadlineUs > nowUs else { return .refused("expired") }
    guard !desk.isRetiring else { return .refused("key-changed") }
    guard !isElsewhere else { return .refused("moved") }
    guard desk.hasRoom(for: issued.identity) else { return .refused("busy") }
    return .taken(order)
  }

  /// Whether an order that was given on this node is for its own desk: that of another node's
  /// device goes to that node by itself, as every record does, and only it says what became of it.
  public static func isOwn(_ issued: CommandIssued, node: NodeId) -> Bool {
    issued.node == node || SeededBug.issuerExpires.isOn
  }
}

/// What the journals of the site hold of orders to one node, when its daemon starts.
public struct RestoredCommands: Sendable {
  /// Those that the desk takes over, in the order in which they go on.
  public private(set) var orders: [CommandOrder] = []
  /// Those of them that were given here, and in this boot.
  public private(set) var fresh: Set<CommandId> = []
  /// Those of other nodes that nobody claimed: they are to be judged as if they came now.
  public private(set) var arriving: [CommandLife] = []

  /// Goes through what every node wrote: an order that was given elsewhere and claimed here is as
  /// open as one of this node's own.
  public init(_ fold: CommandFold, node: NodeId, clockEpoch: ClockEpoch) {
    for life in fold.all where life.issued.node == node {
      let isOwn = life.record.origin == node
      guard isOwn || life.claimed != nil || !life.isOpen else {
        arriving.append(life)
        continue
      }
      orders.append(CommandOrder(life))
      if isOwn, life.clockEpoch == clockEpoch { fresh.insert(life.issued.id) }
    }
    // Those of this boot go on in the order in which they were given, whatever the wall clock did
    // meanwhile.
    orders =
      orders.filter { !fresh.contains($0.issued.id) }
      + orders.filter { fresh.contains($0.issued.id) }.sorted { $0.issuedUs < $1.issuedUs }
  }
}
