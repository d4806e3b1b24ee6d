extension AlarmFold {
  /// Which outputs alarms want on now: those of which an alarm goes on that nobody has seen, one
  /// that `isOwn` knows as of this node, or one whose rule the recipient names.
  public func sounding(
    _ recipients: some Collection<AlarmRecipient>, isOwn: (AlarmEpisode) -> Bool
  ) -> Set<AlarmOutput> {
    let episodes = open.filter { $0.acknowledged == nil }
    var wanted: Set<AlarmOutput> = []
    for recipient in recipients {
      guard let output = recipient.output else { continue }
      let isOn = episodes.contains {
        recipient.wants($0) && (!recipient.rules.isEmpty || isOwn($0))
      }
      if isOn { wanted.insert(output) }
    }
    return wanted
  }
}

extension AlarmRecipient {
  /// Whether an episode is of those that it is told: it is on, and neither severity nor rule stand
  /// against it.
  public func wants(_ episode: AlarmEpisode) -> Bool {
    isEnabled && episode.severity.rawValue >= leastSeverity.rawValue
      && (rules.isEmpty || rules.contains(episode.raised.fact.rule))
  }
}
