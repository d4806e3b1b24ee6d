internal import Api
internal import Model
internal import Reactor
internal import Sync

/// After which time a hub raises an alarm for a node that it does not hear.
extension Node {
  /// A setting of the whole site: milliseconds in ASCII, `0` for never.
  private static let silenceKey = RegisterKey(.setting, Array("gateways.silent".utf8))

  /// That time in ms; nil for never.
  var silenceMs: Int64? {
    guard let value = recorder.registers.value(Self.silenceKey),
      let ms = Int64(String(decoding: value, as: UTF8.self)),
      ms == 0 || GatewaySilence.range.contains(ms)
    else { return SilenceDesk.standardMs }
    return ms == 0 ? nil : ms
  }

  func silence() -> SilenceView {
    SilenceView(ms: silenceMs ?? 0, judged: settings.isHub)
  }

  func setSilence(
    _ wanted: SilenceRequest, author: String
  ) async throws(ServiceError) -> SilenceView {
    guard wanted.ms == 0 || (1_000...GatewaySilence.range.upperBound).contains(wanted.ms) else {
      throw AlarmText.refusal("ms", "it is 0, or from 1000 to 400 days")
    }
    try await recorder.write(
      .registerWrite(
        RegisterWrite(
          key: Self.silenceKey, value: Array("\(wanted.ms)".utf8),
          replaces: recorder.registers.replaces(Self.silenceKey))), author: author)
    log.write(.notice, "alarm.silence", ["ms": "\(wanted.ms)", "author": author])
    sites?.watchSilence()
    return silence()
  }

  /// Takes how the other nodes of the site are heard.
  func judgeSilence(_ gateways: [SilenceDesk.Gateway]) {
    perform(alarms.silence.tick(gateways, limitMs: silenceMs, nowUs: Clock.bootUs()))
  }

  /// Completes the view of an alarm by what began it.
  func describe(_ view: inout AlarmView, _ rule: AlarmRule?, _ silence: GatewaySilence?) {
    view.content = rule.map(AlarmText.content)
    guard let silence else { return }
    let name = sites?.name(of: silence.node) ?? "\(silence.node)"
    view.gateway = name
    var content = AlarmRuleContent(name: name, device: "", condition: "unheard")
    (content.durationMs, content.severity) = (silence.ms, "\(silence.severity)")
    view.content = content
  }
}
