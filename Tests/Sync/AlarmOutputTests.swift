import Model
import Testing

@testable import Sync

@Suite("Outputs of alarms") struct AlarmOutputTests {
  private typealias Records = AlarmRecords

  private static func output(_ command: String = "buzzer") throws -> AlarmOutput {
    let device = try #require(
      DeviceIdentity(kind: .companion, bytes: [1, 2, 3, 4, 5, 6, 7, 8]))
    return AlarmOutput(device: device, command: command)
  }

  private func recipient(_ change: (inout AlarmRecipient) -> Void = { _ in }) throws
    -> AlarmRecipient
  {
    var recipient = AlarmRecipient(name: "Siren", output: try Self.output())
    change(&recipient)
    return recipient
  }

  @Test("an output comes back from its bytes, and no other bytes are taken")
  func bytes() throws {
    let siren = try recipient { $0.rules = [Records.key(1), Records.key(3)] }
    let bytes = siren.encoded()
    #expect(bytes.first == 2)
    #expect(try AlarmRecipient(decoding: bytes) == siren)
    for length in bytes.indices {
      #expect(throws: DecodeError.self) { try AlarmRecipient(decoding: Array(bytes[..<length])) }
    }
    #expect(throws: DecodeError.self) { try AlarmRecipient(decoding: bytes + [0]) }
    // The version, the way, the kind of identity, the length of the command, how many rules, and
    // their order.
    let count = bytes.count
    for (place, value) in [
      (0, 1), (0, 3), (7, 4), (8, 9), (18, 0), (count - 17, 1), (count - 8, 0),
    ]
      as [(Int, UInt8)]
    {
      var altered = bytes
      altered[place] = value
      #expect(throws: DecodeError.self, "byte \(place)") { try AlarmRecipient(decoding: altered) }
    }
  }

  @Test("what earlier programs can read is written as they do, and in no other way")
  func versions() throws {
    var ada = AlarmRecipient(name: "Ada", way: .mail, address: "ada@example.org")
    #expect(ada.encoded().first == 1)
    var bytes = ada.encoded()
    bytes[0] = 2
    #expect(throws: DecodeError.self) { try AlarmRecipient(decoding: bytes + [0]) }
    ada.rules = [Records.key(2)]
    #expect(ada.encoded().first == 2)
    #expect(try AlarmRecipient(decoding: ada.encoded()) == ada)
  }

  @Test("an output has no address, a command, and rules in their order; others have no output")
  func valid() throws {
    #expect(try recipient().isValid)
    #expect(try !recipient { $0.address = "x" }.isValid)
    #expect(try !recipient { $0.output = nil }.isValid)
    #expect(try !recipient { $0.output?.command = "" }.isValid)
    #expect(try !recipient { $0.output?.command = "01234567890123456" }.isValid)
    #expect(try !recipient { $0.rules = [Records.key(2), Records.key(1)] }.isValid)
    #expect(try !recipient { $0.rules = [Records.key(2), Records.key(2)] }.isValid)
    let many = (0...Limits.alarmRecipientRulesMax).map { Records.key(UInt8($0)) }
    #expect(try !recipient { $0.rules = many }.isValid)
    #expect(try recipient { $0.rules = Array(many.dropLast()) }.isValid)
    var mail = AlarmRecipient(name: "Ada", way: .mail, address: "a@b")
    mail.output = try Self.output()
    #expect(!mail.isValid)
  }

  @Test("it sounds while an alarm goes on that nobody has seen, and for no other")
  func sounds() throws {
    let siren = try recipient()
    let output = try Self.output()
    var fold = AlarmFold()
    func isOn(_ recipient: AlarmRecipient, isOwn: Bool = true) -> Bool {
      fold.sounding([recipient], isOwn: { _ in isOwn }).contains(output)
    }
    #expect(!isOn(siren))
    fold.take(Records.raised(1))
    #expect(isOn(siren))
    #expect(!isOn(siren, isOwn: false))
    // A rule that it names counts wherever it is judged, others nowhere.
    #expect(isOn(try recipient { $0.rules = [Records.key(1)] }, isOwn: false))
    #expect(!isOn(try recipient { $0.rules = [Records.key(2)] }))
    #expect(!isOn(try recipient { $0.isEnabled = false }))
    fold.take(Records.raised(2))
    fold.take(Records.seen(1))
    #expect(isOn(siren))
    fold.take(Records.cleared(2))
    #expect(!isOn(siren))
    fold.take(Records.raised(3))
    #expect(isOn(siren))
    fold.take(Records.seen(3))
    #expect(!isOn(siren))
  }
}
