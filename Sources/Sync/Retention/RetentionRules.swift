public import Model

/// Every rule that holds: the configuration's, and what people said of devices and channels.
public struct RetentionRules: Hashable, Sendable {
  /// What holds where nobody said anything.
  public var standard: RetentionRule
  /// What people said, by scope.
  public private(set) var settings: [SeriesScope: RetentionSetting] = [:]

  /// Begins with a default and no settings.
  public init(standard: RetentionRule = RetentionRule()) {
    self.standard = standard
  }

  /// Takes what the journal's registers hold; one that cannot be read counts as not set.
  public init(standard: RetentionRule, registers: RegisterFold) {
    self.standard = standard
    for (key, value) in registers.all(.retention) {
      do throws(DecodeError) {
        settings[try SeriesScope(decodingRegister: key)] = try RetentionSetting(decoding: value)
      } catch {
        continue
      }
    }
  }

  /// What holds for a channel: what was said of it, else of its device, else the default, each
  /// part for itself.
  public func rule(_ device: DeviceIdentity, _ channel: String) -> RetentionRule {
    let whole = settings[SeriesScope(device)]?.rule(over: standard) ?? standard
    return settings[SeriesScope(device, channel)]?.rule(over: whole) ?? whole
  }

  /// What would hold for a scope if nothing were said of it.
  public func base(of scope: SeriesScope) -> RetentionRule {
    guard scope.channel != nil, let whole = settings[SeriesScope(scope.device)] else {
      return standard
    }
    return whole.rule(over: standard)
  }

  /// What would hold for a scope with another setting in its place.
  public func rule(_ scope: SeriesScope, with setting: RetentionSetting) -> RetentionRule {
    setting.rule(over: base(of: scope))
  }
}
