internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// What the two sides of an exchange need of the node that they serve.
@Loop protocol MergingNode: AnyObject {
  /// The site that it belongs to; nil while it belongs to none.
  var siteId: SiteId? { get }
  /// Its key.
  var key: NodeKey { get }
  /// Where records are.
  var store: Store { get }
  /// What keepers prove to it, and it to others.
  var keepers: KeeperDesk { get }
  /// Raised when there is more of either channel than before.
  var news: Signal { get }
  /// How often there was more of a channel.
  func newsCount(_ channel: ExchangeChannel) -> UInt64
  /// Whether another node may have a session: a member whose rights were not taken.
  func admits(_ peer: NodeId) -> Bool
  /// What a node is called now that changed its key; itself where it did not.
  func successor(of node: NodeId) -> NodeId
  /// What says whose place this node took, for who has not heard of it; empty where it took none.
  func ownSuccessions() async -> [UInt8]
  /// Takes what another node says of whose place it took; whether somebody is known by it now.
  func take(successions batch: [UInt8]) async -> Bool
  /// What the store has to know of members and their rights now.
  func receiveRules() -> ReceiveRules
  /// Records came and are on the disk: what they say holds from now on.
  func absorb(_ outcome: Carriage.Outcome, from peer: NodeId) async
  /// What this node's running clock says now.
  func clockReading() -> ClockReading
  /// A session measured another node's running clock.
  func note(_ clock: PeerClock, of peer: NodeId)
  /// This node's vector of one channel, as it is on the disk.
  func vector(_ channel: ExchangeChannel) async throws(DatabaseError) -> HaveVector
}

extension HaveVector {
  /// The part of it that one channel speaks of.
  func part(of channel: ExchangeChannel) -> HaveVector {
    var part = HaveVector()
    for (log, state) in logs where channel.lanes.contains(log.lane) { part[log] = state }
    return part
  }
}
