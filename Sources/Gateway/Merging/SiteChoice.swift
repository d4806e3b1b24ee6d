internal import Model
internal import Storage
internal import Sync

/// Which site this node belongs to, from the entries that it holds: nothing else on the disk says
/// so, and nothing else can be wrong about it.
enum SiteChoice {
  /// The membership of the site in which this node stands; the lowest of several by its key, which
  /// only a mistake of people can bring about. Nil where it stands in none.
  static func membership(of rows: [MembershipRow], for node: NodeId) -> Membership? {
    let sites = Set(rows.compactMap { site(of: $0.content) })
    for site in sites.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
      var membership = Membership(site: site)
      _ = membership.insert(facts(of: rows, in: site))
      if membership.standing(of: node) != nil { return membership }
    }
    return nil
  }

  /// The facts of one site among entries; the others are left out.
  static func facts(of rows: [MembershipRow], in site: SiteId) -> [MembershipFact] {
    rows.compactMap { row in
      do throws(MembershipFact.Refusal) {
        return try MembershipFact(row.content, record: row.record, hash: row.hash, site: site)
      } catch {
        return nil
      }
    }
  }

  /// The entries of kinds 19 to 22 of a batch whose signatures hold.
  static func rows(of batch: [UInt8]) -> [MembershipRow] {
    var items = BatchItems(batch)
    var run: RunId?
    var rows: [MembershipRow] = []
    while let item = items.next() {
      if case .run(let found) = item { run = found }
      guard case .entry(let entry) = item, let run, entry.holds(of: run),
        rows.count < Sync.Limits.membershipFactsMax
      else { continue }
      do throws(DecodeError) {
        guard let content = try JournalDecoder.decode(kind: entry.kind, entry.body)?.content,
          site(of: content) != nil
        else { continue }
        rows.append(
          MembershipRow(
            record: run.record(entry.lane, entry.seq), content: content,
            hash: entry.contentHash(of: run)))
      } catch { continue }
    }
    return rows
  }

  private static func site(of content: JournalContent) -> SiteId? {
    switch content {
    case .siteFounded(let founded): founded.site
    case .grant(let grant): grant.site
    case .revocation(let revocation): revocation.site
    case .succession(let succession): succession.site
    default: nil
    }
  }
}
