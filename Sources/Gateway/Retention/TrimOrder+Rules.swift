internal import Model
internal import Storage
internal import Sync

extension TrimOrder {
  /// Takes up every rule that holds: what is said of a device holds for all that a person filed
  /// under it. What was said of one that is filed under another since no longer does: the other's
  /// rules do.
  ///
  /// - Parameters:
  ///   - owner: The device that an identity's readings are filed under; itself for most.
  ///   - parts: Every identity that is filed under a device, itself among them.
  mutating func take(
    _ rules: RetentionRules, owner: (DeviceIdentity) -> DeviceIdentity,
    parts: (DeviceIdentity) -> [DeviceIdentity]
  ) {
    rule = rules.standard
    for (scope, setting) in rules.settings where owner(scope.device) == scope.device {
      let rule = rules.rule(scope, with: setting)
      for identity in parts(scope.device) {
        if let channel = scope.channel {
          self.rules[SeriesName(device: identity, channel: channel)] = rule
        } else {
          deviceRules[identity] = rule
        }
      }
    }
  }
}
