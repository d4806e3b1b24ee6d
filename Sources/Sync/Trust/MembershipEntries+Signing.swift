public import Model

// What takes a key, apart from what only reads: the SQLite extension has none.

extension SiteId {
  /// The site of a key pair.
  public init(_ key: NodeKey) { self.init(of: key.id) }
}

extension SiteFounded {
  /// Founds a site with its secret key.
  public init(name: String, siteKey: NodeKey) {
    self.init(site: SiteId(siteKey), name: name, signature: [])
    signature = siteKey.sign(statement)
  }

  /// Whether the site key signed it.
  public var holds: Bool {
    Signatures.holds(signature, over: statement, byKey: site.bytes)
  }

  private var statement: [UInt8] {
    var writer = FieldWriter()
    writer.purpose("bivouac site 1")
    writer.siteNamed(self)
    return writer.bytes
  }
}

extension Grant {
  /// The same on the word of the site key.
  public func signed(by siteKey: NodeKey) -> Grant {
    var signed = self
    signed.warrant = .site(signature: siteKey.sign(statement))
    return signed
  }

  /// Whether the site key signed it; false where it stands on its origin's word.
  public var isSites: Bool {
    guard case .site(let signature) = warrant else { return false }
    return Signatures.holds(signature, over: statement, byKey: site.bytes)
  }

  private var statement: [UInt8] {
    var writer = FieldWriter()
    writer.purpose("bivouac grant 1")
    writer.granted(self)
    return writer.bytes
  }
}

extension Revocation {
  /// The same on the word of the site key.
  public func signed(by siteKey: NodeKey) -> Revocation {
    var signed = self
    signed.warrant = .site(signature: siteKey.sign(statement))
    return signed
  }

  /// Whether the site key signed it; false where it stands on its origin's word.
  public var isSites: Bool {
    guard case .site(let signature) = warrant else { return false }
    return Signatures.holds(signature, over: statement, byKey: site.bytes)
  }

  private var statement: [UInt8] {
    var writer = FieldWriter()
    writer.purpose("bivouac revocation 1")
    writer.revoked(self)
    return writer.bytes
  }
}

extension Succession {
  /// Hands over with the old node's secret key.
  public init(site: SiteId, from old: NodeKey, to new: NodeId) {
    self.init(site: site, old: old.id, signature: [])
    signature = old.sign(statement(new: new))
  }

  /// Whether the old node signed that the new one takes its place.
  public func holds(new: NodeId) -> Bool {
    Signatures.holds(signature, over: statement(new: new), by: old)
  }

  private func statement(new: NodeId) -> [UInt8] {
    var writer = FieldWriter()
    writer.purpose("bivouac succession 1")
    writer.raw(site.bytes)
    writer.raw(old.bytes)
    writer.raw(new.bytes)
    return writer.bytes
  }
}
