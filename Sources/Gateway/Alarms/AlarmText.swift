internal import Api
internal import Model
internal import Sync

/// Rules between the form that the API shows and the one that is written down.
enum AlarmText {
  private static let conditions = [
    "above", "below", "rises", "falls", "silent", "frozen", "gone",
  ]

  /// A rule as the API shows it; nothing is left out, but what its condition does not have.
  static func content(_ rule: AlarmRule) -> AlarmRuleContent {
    var content = AlarmRuleContent(
      name: rule.name, device: rule.scope.device.text, channel: rule.scope.channel,
      condition: "")
    func show(_ condition: String, _ threshold: AlarmRule.Threshold?, _ ms: Int64?) {
      content.condition = condition
      if let threshold {
        content.limit = text(threshold.limit, threshold.exponent)
        content.hysteresis = text(threshold.hysteresis, threshold.exponent)
      }
      content.durationMs = ms
    }
    switch rule.condition {
    case .above(let threshold): show("above", threshold, nil)
    case .below(let threshold): show("below", threshold, nil)
    case .rises(let threshold, let ms): show("rises", threshold, ms)
    case .falls(let threshold, let ms): show("falls", threshold, ms)
    case .silent(let ms): show("silent", nil, ms)
    case .frozen(let ms): show("frozen", nil, ms)
    case .gone(let ms): show("gone", nil, ms)
    }
    (content.delayMs, content.clearDelayMs) = (rule.delayMs, rule.clearDelayMs)
    content.severity = "\(rule.severity)"
    (content.enabled, content.commentRequired) = (rule.isEnabled, rule.wantsComment)
    return content
  }

  /// The rule that a person asks for.
  static func rule(
    _ content: AlarmRuleContent, scope: SeriesScope
  ) throws(ServiceError) -> AlarmRule {
    guard conditions.contains(content.condition) else {
      throw refusal("condition", "it is one of \(conditions.joined(separator: ", "))")
    }
    let severity = AlarmRule.Severity.allCases.first { "\($0)" == content.severity ?? "warning" }
    guard let severity else { throw refusal("severity", "it is notice, warning or alarm") }
    let rule = AlarmRule(
      name: content.name, scope: scope, condition: try condition(content),
      delayMs: content.delayMs ?? 0, clearDelayMs: content.clearDelayMs ?? 0, severity: severity,
      isEnabled: content.enabled ?? true, wantsComment: content.commentRequired ?? false)
    guard rule.isValid else { throw reason(rule) }
    return rule
  }

  private static func condition(
    _ content: AlarmRuleContent
  ) throws(ServiceError) -> AlarmRule.Condition {
    let takesDuration = content.condition != "above" && content.condition != "below"
    guard takesDuration == (content.durationMs != nil) else {
      throw refusal("durationMs", takesDuration ? "it is missing" : "this condition has none")
    }
    let ms = content.durationMs ?? 0
    switch content.condition {
    case "above": return .above(try threshold(content))
    case "below": return .below(try threshold(content))
    case "rises": return .rises(try threshold(content), withinMs: ms)
    case "falls": return .falls(try threshold(content), withinMs: ms)
    default:
      guard content.limit == nil, content.hysteresis == nil else {
        throw refusal("limit", "this condition compares no values")
      }
      switch content.condition {
      case "silent": return .silent(ms: ms)
      case "frozen": return .frozen(ms: ms)
      default: return .gone(ms: ms)
      }
    }
  }

  private static func threshold(
    _ content: AlarmRuleContent
  ) throws(ServiceError) -> AlarmRule.Threshold {
    guard let limit = content.limit else { throw refusal("limit", "it is missing") }
    guard case .decimal(let above, let places) = Value(parsing: limit) else {
      throw refusal("limit", "\(limit) is no decimal number")
    }
    guard case .decimal(let back, let backPlaces) = Value(parsing: content.hysteresis ?? "0") else {
      throw refusal("hysteresis", "\(content.hysteresis ?? "") is no decimal number")
    }
    let exponent = min(places, backPlaces)
    guard let above = scaled(above, by: places - exponent),
      let back = scaled(back, by: backPlaces - exponent)
    else { throw refusal("limit", "it and the hysteresis have too many digits") }
    return AlarmRule.Threshold(limit: above, hysteresis: back, exponent: exponent)
  }

  private static func scaled(_ mantissa: Int64, by places: Int8) -> Int64? {
    var result = mantissa
    for _ in 0..<places {
      let (product, isOver) = result.multipliedReportingOverflow(by: 10)
      if isOver { return nil }
      result = product
    }
    return result
  }

  private static func text(_ mantissa: Int64, _ exponent: Int8) -> String {
    Value.decimal(mantissa, exponent: exponent).description
  }

  /// Why a rule cannot be written down.
  private static func reason(_ rule: AlarmRule) -> ServiceError {
    guard (1...Limits.alarmNameBytesMax).contains(rule.name.utf8.count) else {
      return refusal("name", "it has 1 to \(Limits.alarmNameBytesMax) bytes")
    }
    switch (rule.condition, rule.scope.channel) {
    case (.gone, .some): return refusal("channel", "a device is gone, not a channel")
    case (.silent, _), (.gone, _), (_, .some): break
    case (_, nil): return refusal("channel", "it is missing")
    }
    return refusal(
      "durationMs",
      "times are above 0 and at most 400 days, a limit of rises and falls is above 0"
        + " and not below the hysteresis, and that is not below 0")
  }

  static func refusal(_ argument: String, _ reason: String) -> ServiceError {
    ServiceError(
      status: 400, code: "bad-argument", parameters: ["argument": argument],
      detail: "\(argument): \(reason)", remedy: "see GET /api/v1/openapi.json")
  }
}
