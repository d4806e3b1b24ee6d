internal import Model

extension FieldWriter {
  mutating func siteNamed(_ founded: SiteFounded) {
    raw(founded.site.bytes)
    bytes8(founded.name.utf8)
  }

  mutating func siteFounded(_ founded: SiteFounded) {
    siteNamed(founded)
    signature(founded.signature)
  }

  /// The fields that a site key signs.
  mutating func granted(_ grant: Grant) {
    raw(grant.site.bytes)
    raw(grant.node.bytes)
    bytes8(grant.label.utf8)
    fixed(grant.scopes.rawValue)
    varint(UInt64(grant.generation))
  }

  mutating func grant(_ grant: Grant) {
    granted(grant)
    warrant(grant.warrant)
  }

  /// The fields that a site key signs.
  mutating func revoked(_ revocation: Revocation) {
    raw(revocation.site.bytes)
    raw(revocation.node.bytes)
    fixed(revocation.scopesLeft.rawValue)
    varint(UInt64(revocation.generation))
    past(revocation.past)
    text(revocation.reason, max: Limits.reasonBytesMax)
  }

  mutating func revocation(_ revocation: Revocation) {
    revoked(revocation)
    warrant(revocation.warrant)
  }

  mutating func succession(_ succession: Succession) {
    raw(succession.site.bytes)
    raw(succession.old.bytes)
    signature(succession.signature)
  }

  private mutating func past(_ past: SeenPast) {
    precondition(
      past.runs.count <= Limits.revocationRunsMax && past.kept.count <= Limits.revocationKeptMax,
      "a revocation of \(past.runs.count) incarnations, \(past.kept.count) entries kept")
    varint(past.runs.count)
    for run in past.runs {
      fixed(run.incarnation.number)
      for lane in run.lanes { intervals(lane) }
    }
    varint(past.kept.count)
    for hash in past.kept {
      precondition(hash.count == Blake2b.contentByteCount, "a hash of \(hash.count) bytes")
      raw(hash)
    }
  }

  private mutating func warrant(_ warrant: Warrant) {
    switch warrant {
    case .origin: u8(0)
    case .site(let signature):
      u8(1)
      self.signature(signature)
    }
  }

  mutating func signature(_ signature: [UInt8]) {
    precondition(
      signature.count == SiteId.signatureByteCount, "a signature of \(signature.count) bytes")
    raw(signature)
  }
}

extension FieldReader {
  mutating func siteFounded() throws(DecodeError) -> SiteFounded {
    SiteFounded(
      site: try site(), name: try text8(), signature: try raw(SiteId.signatureByteCount))
  }

  mutating func grant() throws(DecodeError) -> Grant {
    Grant(
      site: try site(), node: try nodeId(), label: try text8(), scopes: try scopes(),
      generation: try varint32(), warrant: try warrant())
  }

  mutating func revocation() throws(DecodeError) -> Revocation {
    Revocation(
      site: try site(), node: try nodeId(), scopesLeft: try scopes(), generation: try varint32(),
      past: try past(), reason: try textV(max: Limits.reasonBytesMax), warrant: try warrant())
  }

  mutating func succession() throws(DecodeError) -> Succession {
    Succession(site: try site(), old: try nodeId(), signature: try raw(SiteId.signatureByteCount))
  }

  mutating func site() throws(DecodeError) -> SiteId {
    guard let site = SiteId(try raw(SiteId.byteCount)) else { throw error(.truncated) }
    return site
  }

  mutating func nodeId() throws(DecodeError) -> NodeId {
    guard let node = NodeId(try raw(NodeId.byteCount)) else { throw error(.truncated) }
    return node
  }

  private mutating func scopes() throws(DecodeError) -> Scopes {
    Scopes(rawValue: try fixed(UInt16.self))
  }

  private mutating func past() throws(DecodeError) -> SeenPast {
    var runs: [SeenPast.Run] = []
    for _ in 0..<(try count(max: Limits.revocationRunsMax)) {
      let start = offset
      let incarnation = Incarnation(try fixed(UInt64.self))
      guard incarnation.number != 0 else { throw DecodeError(.range, at: start) }
      if let last = runs.last, last.incarnation.number >= incarnation.number {
        throw DecodeError(.order, at: start)
      }
      var lanes: [Intervals] = []
      for lane in Lane.allCases { lanes.append(try intervals(lane)) }
      runs.append(SeenPast.Run(incarnation: incarnation, lanes: lanes))
    }
    var kept: [[UInt8]] = []
    for _ in 0..<(try count(max: Limits.revocationKeptMax)) {
      let start = offset
      let hash = try raw(Blake2b.contentByteCount)
      if let last = kept.last, !last.lexicographicallyPrecedes(hash) {
        throw DecodeError(.order, at: start)
      }
      kept.append(hash)
    }
    return SeenPast(runs: runs, kept: kept)
  }

  private mutating func warrant() throws(DecodeError) -> Warrant {
    let start = offset
    switch try u8() {
    case 0: return .origin
    case 1: return .site(signature: try raw(SiteId.signatureByteCount))
    default: throw DecodeError(.range, at: start)
    }
  }
}
