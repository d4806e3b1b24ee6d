internal import Api
internal import Devices
internal import Model
internal import Storage
internal import Sync

/// Values that people add: a laboratory's results, files from elsewhere.
extension Node {
  func lateValues(_ wanted: FactsRequest) async throws(ServiceError) -> LateValuesPage {
    let facts = try await facts()
    let asked = try FactsAsked(wanted, devices: try identities(wanted.device))
    let (found, next) = try asked.page(facts.late) { (entry: LateEntry) in
      let end = entry.utc.upperBound
      let span = entry.utc.lowerBound..<(end == .max ? end : end + 1)
      return (entry.id, .series(SeriesScope(entry.device, entry.channel.key)), span)
    }
    return LateValuesPage(lateValues: found.map { view(of: $0, $1) }, next: next)
  }

  func addLate(
    _ request: LateValuesRequest, author: String
  ) async throws(ServiceError) -> LateValuesView {
    let device = owner(of: try find(request.device))
    let late = try await Self.lateValues(
      request, of: device, like: channel(request.channel, of: device), id: newFactId())
    try await requireSeriesRoom(request.channel, of: device)
    try await requireRoom { $0.late.standingCount + 1 }
    try await recorder.write(.lateValues(late), author: author)
    guard let known = try await facts().late.known(late.id) else {
      throw FactText.notFound(late.id.description)
    }
    publish(known.stated.fact)
    return view(of: known.stated, known.withdrawn)
  }

  func withdrawLate(
    _ id: String, reason: String, author: String
  ) async throws(ServiceError) -> LateValuesView {
    let found = try FactId.find(id, in: try await facts().late)
    let withdrawal = try FactText.withdrawal(of: found.stated.fact.id, reason)
    try await recorder.write(.lateValuesWithdrawn(withdrawal), author: author)
    publish(found.stated.fact)
    let after = try await facts().late.known(found.stated.fact.id)
    return view(of: found.stated, after?.withdrawn)
  }

  /// The device's own channel of that key, if it ever said that it has one.
  private func channel(_ key: String, of device: DeviceIdentity) -> Channel? {
    descriptor(of: device)?.channels.first { $0.key == key }
  }

  private func publish(_ entry: LateEntry) {
    let end = entry.utc.upperBound
    publish(
      .lateValues, .series(SeriesScope(entry.device, entry.channel.key)),
      entry.utc.lowerBound..<(end == .max ? end : end + 1))
  }

  /// The record of a request, checked; two thousand values take a while, so not on the loop.
  private nonisolated static func lateValues(
    _ request: LateValuesRequest, of device: DeviceIdentity, like known: Channel?, id: FactId
  ) async throws(ServiceError) -> LateValues {
    let note = try FactText.checked(request.note, "note", Limits.noteBytesMax)
    let boundUs = request.boundUs ?? 0
    guard boundUs >= 0 else { throw FactText.refusal("boundUs", "it is negative") }
    let sorted = request.values.sorted { $0.timeUs < $1.timeUs }
    for value in sorted where value.value.utf8.count > Value.textBytesMax || value.value == "" {
      throw FactText.refusal("values", "a value has 1 to \(Value.textBytesMax) bytes")
    }
    guard let values = Value.inOneForm(sorted.map { Value(parsing: $0.value) }),
      let first = values.first
    else {
      throw FactText.refusal("values", "they are neither all numbers nor all words")
    }
    let form = ValueForm(of: first)
    let textBytes = form == .text ? sorted.reduce(0) { $0 + $1.value.utf8.count + 2 } : 0
    guard textBytes <= Limits.lateTextBytesMax else {
      throw FactText.refusal(
        "values", "the words of one request have at most \(Limits.lateTextBytesMax) bytes")
    }
    let channel = CommitChannel(
      key: request.channel, unit: request.unit ?? known?.unit ?? "",
      kind: form == .text ? .text : known?.kind ?? .measurement, form: form)
    guard channel.isValid else {
      throw FactText.refusal(
        "channel",
        "a key has 1 to \(Channel.keyBytesMax) bytes of ASCII, a unit at most "
          + "\(Channel.unitBytesMax)")
    }
    let points = zip(sorted, values).map {
      LateValues.Point(utcUs: $0.timeUs, value: SampleValue($1))
    }
    return LateValues(
      id: id, device: device, channel: channel, boundUs: boundUs, points: points, note: note)
  }

  private func view(
    of noted: Noted<LateEntry>, _ withdrawn: Noted<Withdrawal>?
  ) -> LateValuesView {
    let entry = noted.fact
    var view = LateValuesView(
      id: entry.id.description, device: owner(of: entry.device).text,
      channel: entry.channel.key, unit: entry.channel.unit, count: entry.count,
      times: entry.utc, boundUs: entry.boundUs, note: entry.note, author: noted.stamp.author,
      atUs: noted.stamp.wallUs, trusted: noted.stamp.trusted)
    view.withdrawn = withdrawn?.view
    return view
  }
}
