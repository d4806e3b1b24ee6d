internal import Model
internal import Storage
internal import Sync

/// Puts entries of the journal into the words of the audit.
enum AuditText {
  /// An entry as the API shows it; nil for what only goes along with another one.
  static func view(_ record: AuditRecord) -> AuditEntryView? {
    guard let (what, parameters) = words(record) else { return nil }
    let stamp = record.entry.stamp
    var view = AuditEntryView(
      id: "\(record.id)", author: stamp.author, atUs: stamp.wallUs, trusted: stamp.trusted,
      what: what, parameters: parameters)
    if case .registerWrite(let write) = record.entry.content, isRestorable(write) {
      view.restorable = true
      view.removed = write.value == nil ? true : nil
      let value = SettingValue(write.key, write.value)
      (view.rule, view.keeps, view.recipient) = (value.rule, value.keeps, value.recipient)
    }
    return view
  }

  /// Whether a setting may get the value of an earlier write back: not what people and programs
  /// come in by, which was changed for a reason, and not what the daemon keeps along with the rest.
  static func isRestorable(_ write: RegisterWrite) -> Bool {
    switch RegisterSpace(rawValue: write.key.space) {
    case .deviceName, .deviceKind, .openAtStart, .speed, .setting, .retention, .alarmRule,
      .recipient:
      true
    default: false
    }
  }

  typealias Words = (what: String, parameters: [String: String])

  private static func words(_ record: AuditRecord) -> Words? {
    switch record.entry.content {
    case .registerWrite(let write): return register(write, record.before)
    case .accessRevoked(let revoked):
      switch revoked.subject {
      case .user: return ("user.removed", ["user": String(decoding: revoked.key, as: UTF8.self)])
      case .token: return ("token.revoked", ["token": Hex.text(revoked.key)])
      }
    case .deletion(let deletion): return ("deletion", scope(deletion.scope))
    case .deletionUndone(let undone): return ("deletion.undone", ["id": "\(undone.target)"])
    case .lateValues(let late):
      return ("late-values", ["device": late.device.text, "channel": late.channel.key])
    case .lateValuesWithdrawn(let undone):
      return ("late-values.withdrawn", ["id": "\(undone.target)"])
    case .annotation(let annotation): return ("annotation", ["text": annotation.text])
    case .annotationRemoved(let undone):
      return ("annotation.removed", ["id": "\(undone.target)"])
    case .trimmingSeen: return ("trimming.seen", [:])
    case .commandIssued(let command):
      return ("command", ["device": command.identity.text, "command": command.name])
    case .alarmAcknowledged(let seen):
      return ("alarm.acknowledged", ["id": "\(seen.episode)", "comment": seen.comment])
    case .siteFounded(let founded): return ("site.founded", ["site": founded.name])
    case .grant(let grant):
      return (
        "site.granted",
        ["node": grant.label.isEmpty ? "\(grant.node)" : grant.label, "scopes": "\(grant.scopes)"]
      )
    case .revocation(let revocation):
      return ("site.revoked", ["node": "\(revocation.node)", "reason": revocation.reason])
    case .succession(let succession): return ("site.key-changed", ["node": "\(succession.old)"])
    case .incarnation, .descriptor, .anchor, .clockFit, .trimming, .commandClaimed,
      .commandOutcome, .alarmRaised, .alarmCleared, .alarmDelivered, .snapshotTaken:
      return nil
    }
  }

  private static func scope(_ scope: SeriesScope) -> [String: String] {
    var parameters = ["device": scope.device.text]
    parameters["channel"] = scope.channel
    return parameters
  }

  /// What a write of a register says, and what it said before.
  static func register(_ write: RegisterWrite, _ before: RegisterWrite?) -> Words? {
    let key = write.key.bytes
    guard let space = RegisterSpace(rawValue: write.key.space) else {
      return ("other", ["kind": "register \(write.key.space)"])
    }
    switch space {
    case .user: return user(write, before)
    case .token: return token(write)
    // What the daemon remembers along with the rest.
    case .lastSeen: return nil
    case .deviceName: return device("device.name", key, text(write.value))
    case .deviceKind: return device("device.kind", key, text(write.value))
    case .openAtStart: return device("device.open-at-start", key, text(write.value))
    case .speed: return device("device.speed", key, text(write.value))
    case .assignment: return device("device.assigned", key, write.value.flatMap(identity))
    case .forgotten: return device("device.forgotten", key, nil)
    case .answer: return ("question.answered", keyed("question", key, text(write.value)))
    case .setting: return ("setting", keyed("name", key, text(write.value)))
    case .retention:
      do throws(DecodeError) {
        return ("retention", scope(try SeriesScope(decodingRegister: key)))
      } catch {
        return ("other", ["kind": "retention"])
      }
    case .clock: return ("clock", ["epoch": Hex.text(key)])
    case .alarmRule: return ("alarm.rule", ["rule": Hex.text(key)])
    case .recipient: return ("alarm.recipient", ["recipient": Hex.text(key)])
    }
  }

  private static func user(_ write: RegisterWrite, _ before: RegisterWrite?) -> Words? {
    // A removal is told by its revocation.
    guard let value = write.value, let now = record(value) else { return nil }
    var parameters = ["user": String(decoding: write.key.bytes, as: UTF8.self)]
    let was = before?.value.flatMap(record)
    guard let was, was.generation == now.generation else {
      parameters["role"] = now.role.rawValue
      return ("user.added", parameters)
    }
    switch (was.role != now.role, was.password != now.password) {
    case (false, true): return ("user.password", parameters)
    case (true, false):
      parameters["role"] = now.role.rawValue
      return ("user.role", parameters)
    default:
      parameters["role"] = now.role.rawValue
      return ("user.changed", parameters)
    }
  }

  private static func token(_ write: RegisterWrite) -> Words? {
    guard let value = write.value else { return nil }
    do throws(DecodeError) {
      let token = try TokenRecord(decoding: value)
      return (
        "token.created",
        [
          "token": Hex.text(write.key.bytes), "name": token.name,
          "permissions": token.permissions.text,
        ]
      )
    } catch {
      return ("other", ["kind": "token"])
    }
  }

  private static func device(_ what: String, _ key: [UInt8], _ value: String?) -> Words {
    var parameters = ["device": identity(key) ?? Hex.text(key)]
    parameters["value"] = value
    return (what, parameters)
  }

  private static func keyed(_ name: String, _ key: [UInt8], _ value: String?) -> [String: String] {
    var parameters = [name: String(decoding: key, as: UTF8.self)]
    parameters["value"] = value
    return parameters
  }

  private static func text(_ value: [UInt8]?) -> String? {
    value.map { String(decoding: $0, as: UTF8.self) }
  }

  private static func identity(_ bytes: [UInt8]) -> String? {
    do throws(DecodeError) { return try IdentityBytes.decode(bytes).text } catch { return nil }
  }

  private static func record(_ value: [UInt8]) -> UserRecord? {
    do throws(DecodeError) { return try UserRecord(decoding: value) } catch { return nil }
  }
}
