import Sync

extension FuzzCheck {
  /// Bodies of commits: what is taken is the same commit after it was written canonically.
  public static let commits = FuzzCheck(
    name: "commits",
    problem: { bytes in
      guard let body = read({ () throws(DecodeError) in try CommitDecoder.decode(bytes) }) else {
        return nil
      }
      return Broken.problem { () throws(Broken) in
        let stated = read { () throws(DecodeError) in try CommitDecoder.arrivalUs(bytes.span) }
        try Broken.expect(stated == body.arrivalUs, "the arrival is read in two ways")
        let canonical = CommitEncoder.encode(body)
        let again = read { () throws(DecodeError) in try CommitDecoder.decode(canonical) }
        try Broken.expect(again == body, "a commit changes when it is written again")
        let isFinal = again.map(CommitEncoder.encode) == canonical
        try Broken.expect(isFinal, "a commit is never written the same twice")
      }
    },
    seeds: { Seeds.storage.filter { $0.form == "commit" }.map(\.bytes) })

  /// Journal entries and cursors: accepted bytes are written again as they were. The first byte
  /// is the kind; 0 is the column of cursors, 254 and 255 the register of a person and of a token.
  public static let journal = FuzzCheck(
    name: "journal",
    problem: { bytes in
      guard let kind = bytes.first else { return nil }
      let body = Array(bytes.dropFirst())
      let again: [UInt8]?
      if kind == 254 {
        again = read { () throws(DecodeError) in try UserRecord(decoding: body).encoded() }
      } else if kind == 255 {
        again = read { () throws(DecodeError) in try TokenRecord(decoding: body).encoded() }
      } else if kind == 0 {
        again = read { () throws(DecodeError) in try CursorColumn.decode(body) }
          .map(CursorColumn.encode)
      } else {
        let entry = read { () throws(DecodeError) in
          try JournalDecoder.decode(kind: UInt16(kind), body)
        }
        again = entry.flatMap { $0 }.map(JournalEncoder.encode)
        if let entry = entry.flatMap({ $0 }), let problem = alarms(entry.content) {
          return problem
        }
      }
      guard let again else { return nil }
      return again == body ? nil : "kind \(kind) is written otherwise than it was read"
    },
    seeds: {
      (Seeds.storage + Seeds.syncTrust).compactMap { seed in
        if seed.form == "cursors" { return [0] + seed.bytes }
        if seed.form == "user" { return [254] + seed.bytes }
        if seed.form == "token" { return [255] + seed.bytes }
        guard seed.form.hasPrefix("journal-") else { return nil }
        return UInt8(seed.form.dropFirst("journal-".count)).map { [$0] + seed.bytes }
      }
    })

  /// Rules and recipients of alarms are written as they were read, too.
  private static func alarms(_ content: JournalContent) -> String? {
    guard case .registerWrite(let write) = content, let value = write.value else { return nil }
    let again: [UInt8]?
    switch RegisterSpace(rawValue: write.key.space) {
    case .alarmRule:
      again = read { () throws(DecodeError) in try AlarmRule(decoding: value) }
        .map { $0.encoded() }
    case .recipient:
      again = read { () throws(DecodeError) in try AlarmRecipient(decoding: value) }
        .map { $0.encoded() }
    default: return nil
    }
    return again == nil || again == value ? nil : "a register of alarms is written otherwise"
  }

  private static func read<Content>(_ decode: () throws(DecodeError) -> Content) -> Content? {
    do throws(DecodeError) {
      return try decode()
    } catch {
      return nil
    }
  }
}
