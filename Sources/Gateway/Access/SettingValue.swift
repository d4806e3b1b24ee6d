internal import Model
internal import Sync

/// What the value of a setting says, where the audit's words are the same for all of them.
struct SettingValue {
  /// Of a rule of alarms.
  private(set) var rule: AlarmRuleContent?
  /// Of how long readings are kept.
  private(set) var keeps: RetentionRuleView?
  /// Of whom alarms are told to, without the address, which may be a secret.
  private(set) var recipient: RecipientContent?

  /// Reads a value of a register; nothing is said of none, and of one that a later version wrote:
  /// who and when is all that can be shown.
  init(_ key: RegisterKey, _ value: [UInt8]?) {
    guard let value else { return }
    do throws(DecodeError) {
      switch RegisterSpace(rawValue: key.space) {
      case .alarmRule: rule = AlarmText.content(try AlarmRule(decoding: value))
      case .retention: keeps = try RetentionSetting(decoding: value).view
      case .recipient:
        recipient = RecipientText.content(try AlarmRecipient(decoding: value))
        if recipient?.address != nil { recipient?.address = "" }
      default: break
      }
    } catch {}
  }
}
