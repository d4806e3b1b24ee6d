internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// Whether the other nodes of the site are heard, as a hub sees it.
extension SiteDesk {
  /// Begins to look, where this node is a hub: a gateway hears whom it happens to hear.
  func watchSilence() {
    guard settings.isHub else { return }
    silenceTimer = LoopTimer { [weak self] in
      guard let self else { return }
      Task { @Loop in await self.lookWhoIsHeard() }
    }
    silenceTimer?.arm(afterUs: SilenceDesk.tickUs.lowerBound)
  }

  private func lookWhoIsHeard() async {
    defer { silenceTimer?.arm(afterUs: SilenceDesk.waitUs(node?.silenceMs)) }
    guard let membership else { return }
    var seen: [NodeId: UInt64] = [:]
    do throws(DatabaseError) {
      // What is let go here, and sums that somebody else brings, are no sign of life.
      for (log, have) in try await store.vector().logs where log.lane != .rollups {
        seen[log.run.origin, default: 0] += have.seen.count
      }
    } catch {
      return  // a disk that does not answer says nothing of others; the status tells of it
    }
    let gateways = membership.members.filter { $0 != key.id && admits($0) }.map { member in
      let contacts =
        links.compactMap { $0.peer == member ? $0.heardUs : nil }
        + [door.session(of: member)?.usedUs].compactMap { $0 }
      return SilenceDesk.Gateway(
        node: member, contactUs: contacts.max(), seenCount: seen[member] ?? 0)
    }
    node?.judgeSilence(gateways)
  }
}
