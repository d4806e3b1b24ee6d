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
  /// is the kind; 0 is the column of cursors.
  public static let journal = FuzzCheck(
    name: "journal",
    problem: { bytes in
      guard let kind = bytes.first else { return nil }
      let body = Array(bytes.dropFirst())
      let again: [UInt8]?
      if kind == 0 {
        again = read { () throws(DecodeError) in try CursorColumn.decode(body) }
          .map(CursorColumn.encode)
      } else {
        let entry = read { () throws(DecodeError) in
          try JournalDecoder.decode(kind: UInt16(kind), body)
        }
        again = entry.flatMap { $0 }.map(JournalEncoder.encode)
      }
      guard let again else { return nil }
      return again == body ? nil : "kind \(kind) is written otherwise than it was read"
    },
    seeds: {
      Seeds.storage.compactMap { seed in
        if seed.form == "cursors" { return [0] + seed.bytes }
        guard seed.form.hasPrefix("journal-") else { return nil }
        return UInt8(seed.form.dropFirst("journal-".count)).map { [$0] + seed.bytes }
      }
    })

  private static func read<Content>(_ decode: () throws(DecodeError) -> Content) -> Content? {
    do throws(DecodeError) {
      return try decode()
    } catch {
      return nil
    }
  }
}
