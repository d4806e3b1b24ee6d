import Model
import Sync

/// The content of a body as one line, in the form of docs/vectors/storage.txt.
enum Describe {
  static func commit(_ body: CommitBody) -> String {
    "arrival \(body.arrivalUs)" + body.sources.map { "; " + source($0) }.joined()
  }

  private static func source(_ source: CommitSource) -> String {
    var words = [source.identity.text]
    if case .device(let epoch, let first, let spans) = source.clock {
      words += ["epoch", "\(epoch)", "first", "\(first)"]
      words += spans.map { "\(["samples", "gap", "tail"][Int($0.fate.rawValue)]):\($0.count)" }
    }
    words += source.channels.map(self.channel)
    for sample in source.samples {
      words.append("\(sample.channel)@\(sample.time)=\(value(sample.value))")
    }
    return words.joined(separator: " ")
  }

  private static func channel(_ channel: CommitChannel) -> String {
    let form: String
    switch channel.form {
    case .decimal(let exponent): form = "d\(exponent)"
    case .float: form = "f"
    case .text: form = "t"
    }
    return "\(channel.key)/\(channel.unit)/\(channel.kind.rawValue)/\(form)"
  }

  private static func scope(_ scope: SeriesScope) -> String {
    scope.device.text + (scope.channel.map { "/" + $0 } ?? "")
  }

  private static func deletion(_ deletion: Deletion) -> String {
    var words = ["deletion \(deletion.id)", scope(deletion.scope)]
    words += ["\(deletion.utc.lowerBound)", "\(deletion.utc.upperBound)"]
    words += deletion.pieces.map { piece in
      let times = "\(piece.times.lowerBound)-\(piece.times.upperBound)"
      switch piece.clock {
      case .node(let clockEpoch): return "node:\(clockEpoch):\(times)"
      case .device(let epoch): return "device:\(epoch):\(times)"
      }
    }
    return (words + ["[\(deletion.reason)]"]).joined(separator: " ")
  }

  private static func late(_ late: LateValues) -> String {
    let points = late.points.map { "\($0.utcUs)=\(value($0.value))" }
    return "late \(late.id) \(late.device) \(channel(late.channel)) \(late.boundUs) "
      + "\(points.joined(separator: " ")) [\(late.note)]"
  }

  private static func trimming(_ trimming: Trimming) -> String {
    let rest = trimming.rest
    var words = ["trimming \(trimming.id) freed \(trimming.freedBytes)"]
    for series in trimming.series {
      words += ["\(series.device)/\(series.channel)", "\(series.level)", "\(series.reason)"]
      words += ["\(series.readings)", "\(series.blocks)", "\(series.bytes)"]
      words.append(series.utc.map { "\($0.lowerBound)..\($0.upperBound)" } ?? "undated")
    }
    words += ["rest \(rest.series) \(rest.readings) \(rest.blocks) \(rest.bytes)"]
    return words.joined(separator: " ")
  }

  private static func annotation(_ annotation: Annotation) -> String {
    let subject: String
    switch annotation.subject {
    case .node(let node): subject = "node \(node)"
    case .series(let scope): subject = self.scope(scope)
    }
    return "annotation \(annotation.id) \(subject) \(annotation.fromUs) \(annotation.toUs) "
      + annotation.text
  }

  private static func said(_ said: AlarmValue?) -> String {
    guard let said else { return "" }
    let form: String
    if case .decimal(_, let exponent) = said.value { form = " d\(exponent) " } else { form = " " }
    return form + value(SampleValue(said.value)) + " [\(said.unit)]"
  }

  private static func value(_ value: SampleValue) -> String {
    switch value {
    case .decimal(let mantissa): return "\(mantissa)"
    case .float(let bits):
      return "f" + Hex.text((0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) })
    case .text(let text): return "t" + Hex.text(text.utf8)
    }
  }

  static func range(_ header: RangeHeader) -> String {
    let arrivals = header.arrivalsMs.map { "\($0)" }.joined(separator: " ")
    let losses = header.losses.map {
      "; \($0.identity.text) epoch \($0.epoch) "
        + ["samples", "gap", "tail"][Int($0.fate.rawValue)]
        + " \($0.firstSeq):\($0.count) in \($0.commit)"
    }
    let blocks = header.blocks.map {
      "; \($0.identity.text)/\($0.channel) \($0.count) \(Hex.text($0.summaryHash)) "
        + Hex.text($0.contentHash)
    }
    return "from \(header.firstSeq) arrivals \(arrivals)" + (losses + blocks).joined()
  }

  static func clock(_ clock: RangeClock) -> String {
    clock.offsetsMs.indices.map { "\(clock.offsetsMs[$0]) \(clock.trusted[$0] ? 1 : 0)" }
      .joined(separator: " ")
  }

  static func cursors(_ cursors: [Cursor]) -> String {
    cursors.map {
      "\($0.identity.text) epoch \($0.epoch) nonce \($0.nonce) next \($0.next) "
        + "\($0.isClosed ? "closed" : "open") ring \($0.ringCapacity)"
    }.joined(separator: "; ")
  }

  static func journal(_ entry: JournalEntry) -> String {
    let stamp = entry.stamp
    return "trusted \(stamp.trusted ? 1 : 0) boot \(stamp.bootUs) wall \(stamp.wallUs) "
      + "by \(stamp.author): " + content(entry.content)
  }

  static func user(_ user: UserRecord) -> String {
    "\(user.role) \(Incarnation(user.generation)) "
      + String(decoding: user.password, as: UTF8.self)
  }

  static func token(_ token: TokenRecord) -> String {
    "\(token.name) \(token.permissions.text) \(Hex.text(token.secretHash))"
  }

  private static func content(_ content: JournalContent) -> String {
    switch content {
    case .incarnation(let begun):
      guard let parent = begun.parent else { return "incarnation" }
      let heads = parent.heads.map { "\($0)" }.joined(separator: " ")
      return "incarnation after \(parent.incarnation) heads \(heads)"
    case .registerWrite(let write):
      let value = write.value.map { "= " + Hex.text($0) } ?? "removed"
      let replaces = write.replaces.map {
        " \($0.origin)/\($0.incarnation)/\($0.lane.rawValue)/\($0.seq)"
      }.joined()
      return "register \(write.key.space) \(Hex.text(write.key.bytes)) \(value) replaces"
        + replaces
    case .descriptor(let seen):
      return "descriptor \(seen.identity) \(Incarnation(seen.hash)) \(Hex.text(seen.bytes))"
    case .anchor(let anchor):
      return "anchor \(anchor.bootUs) \(anchor.utcUs) \(anchor.errorUs) \(anchor.origin.rawValue)"
    case .clockFit(let fit):
      return "fit \(fit.identity) \(fit.epoch) \(fit.segmentStartMs) \(fit.referenceTicksMs) "
        + "\(fit.referenceBootUs) \(fit.ratePpb) \(fit.boundUs) \(fit.isGood ? 1 : 0)"
    case .deletion(let deletion): return self.deletion(deletion)
    case .lateValues(let late): return self.late(late)
    case .annotation(let annotation): return self.annotation(annotation)
    case .deletionUndone(let undone): return "undone \(undone.target) [\(undone.reason)]"
    case .lateValuesWithdrawn(let undone): return "withdrawn \(undone.target) [\(undone.reason)]"
    case .annotationRemoved(let undone): return "removed \(undone.target) [\(undone.reason)]"
    case .trimming(let trimming): return self.trimming(trimming)
    case .trimmingSeen(let seen):
      return "seen \(seen.target.map { "\($0)" } ?? "all") [\(seen.note)]"
    case .accessRevoked(let revoked):
      return "revoked \(revoked.subject) \(Hex.text(revoked.key)) "
        + "\(Incarnation(revoked.generation)) [\(revoked.reason)]"
    case .commandIssued(let command):
      return "issued \(command.id) \(command.node) \(command.identity) \(command.op) "
        + "\(command.name) \(Hex.text(command.arguments)) \(command.lifeMs) \(command.leaseMs)"
    case .commandClaimed(let claim):
      return "claimed \(claim.id) \(claim.epoch) \(claim.session) \(claim.number)"
    case .commandOutcome(let outcome):
      return "outcome \(outcome.id) \(outcome.state.rawValue) \(outcome.reason) \(outcome.value)"
    case .siteFounded, .grant, .revocation, .succession: return trust(content) ?? ""
    case .alarmRaised(let raised):
      return "raised \(raised.episode) by \(raised.rule) \(Hex.text(raised.ruleBytes)) since "
        + "\(raised.sinceUs)" + said(raised.value)
    case .alarmCleared(let cleared):
      return "cleared \(cleared.episode) \(cleared.reason)" + said(cleared.value)
    case .snapshotTaken(let taken):
      return "snapshot \(taken.device) \(taken.mediaType.name) \(taken.size) "
        + "\(Hex.text(taken.hash)) \(taken.takenUs) [\(taken.note)]"
    case .alarmAcknowledged(let seen): return "acknowledged \(seen.episode) [\(seen.comment)]"
    case .alarmDelivered(let told):
      return "delivered \(told.episode) to \(told.recipient) \(told.moment) \(told.outcome) "
        + "[\(told.reason)]"
    }
  }
}
