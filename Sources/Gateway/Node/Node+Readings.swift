internal import Api
internal import Devices
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// Stored readings, and the status.
extension Node {
  /// Pages of the store that one request may go through.
  private static let pagesMax = 256
  /// Pages of the store that are looked at for the last values of one device.
  private static let lastPagesMax = 4
  /// Readings in one page, whatever is asked for: it is held in memory whole. `next` tells where to
  /// go on.
  private static let readingsPerAnswerMax = 2000

  func readings(_ request: ReadingsRequest) async throws(ServiceError) -> ReadingsPage {
    let page = try await storedReadings(request)
    if page.readings.isEmpty, page.next == nil, request.cursor == nil, let device = request.device,
      let channel = request.channel
    {
      try await requireChannel(channel, of: try find(device))
    }
    return page
  }

  private func storedReadings(
    _ request: ReadingsRequest
  ) async throws(ServiceError) -> ReadingsPage {
    var identities: [DeviceIdentity?] = [nil]
    if let device = request.device { identities = parts(of: try find(device)) }
    let span = span(of: request)
    if let last = request.last {
      return try await newest(last, of: identities, request, span)
    }
    var place = try Place(request.cursor, count: identities.count)
    var page = ReadingsPage(readings: [])
    let limit = min(request.limit, Self.readingsPerAnswerMax)
    for _ in 0..<Self.pagesMax where page.readings.count < limit {
      var query = query(identities[place.index], request, span)
      query.limit = limit - page.readings.count
      query.cursor = place.cursor
      let found = try await self.page(query)
      page.readings += await views(of: found.readings)
      add(found.trimmed, to: &page)
      place.cursor = found.next
      if found.next == nil {
        place.index += 1
        guard place.index < identities.count else { return page }
      }
    }
    page.next = place.text
    return page
  }

  /// Where a page ended: in which of the identities, and there.
  private struct Place {
    var index = 0
    var cursor: QueryCursor?

    init(_ text: String?, count: Int) throws(ServiceError) {
      guard let text else { return }
      let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let index = Int(parts[0]), (0..<count).contains(index) else {
        throw Self.refusal(text)
      }
      self.index = index
      guard !parts[1].isEmpty else { return }
      guard let cursor = QueryCursor(text: String(parts[1])) else { throw Self.refusal(text) }
      self.cursor = cursor
    }

    var text: String { "\(index)-\(cursor?.text ?? "")" }

    private static func refusal(_ text: String) -> ServiceError {
      ServiceError(
        status: 400, code: "bad-argument", parameters: ["argument": "cursor"],
        detail: "\(text) is not a cursor", remedy: "pass the `next` of the page before")
    }
  }

  /// A device, and the provisional identities whose readings a person filed under it.
  func parts(of identity: DeviceIdentity) -> [DeviceIdentity?] {
    let owner = registry.device(identity)?.partOf ?? identity
    return [owner]
      + registry.remembered.filter { $0.partOf == owner }.map { Optional($0.identity) }
  }

  private func span(of request: ReadingsRequest) -> ReadingQuery.Span {
    guard request.fromUs != nil || request.toUs != nil else { return .all }
    let from = request.fromUs ?? .min
    let range = from..<max(from, request.toUs ?? .max)
    switch request.clock {
    case .node: return .node(settings.clockEpoch, range)
    case .corrected: return .utc(range)
    }
  }

  private func query(
    _ identity: DeviceIdentity?, _ request: ReadingsRequest, _ span: ReadingQuery.Span
  ) -> ReadingQuery {
    var query = ReadingQuery()
    query.device = identity
    query.channel = request.channel
    query.span = span
    return query
  }

  /// The last reading of every channel of a device, as far as the newest end of what is stored has
  /// one: what a channel said long ago, and not since, is not looked for.
  func lastReadings(of device: DeviceIdentity) async throws(ServiceError) -> [ReadingView] {
    try await newest(
      1, of: parts(of: device), ReadingsRequest(), .all, pagesMax: Self.lastPagesMax
    ).readings
  }

  /// The last `count` readings of every channel, oldest first.
  private func newest(
    _ count: Int, of identities: [DeviceIdentity?], _ request: ReadingsRequest,
    _ span: ReadingQuery.Span, pagesMax: Int = Node.pagesMax
  ) async throws(ServiceError) -> ReadingsPage {
    var kept: [StoredReading] = []
    var answer = ReadingsPage(readings: [])
    var counts: [String: Int] = [:]
    var isCut = false
    for identity in identities where !isCut {
      var query = query(identity, request, span)
      query.order = .newestFirst
      query.perSeriesMax = count
      let channels = identity.flatMap { descriptor(of: $0)?.channels.count }
      let wanted = request.channel == nil ? channels : 1
      for _ in 0..<pagesMax where !isCut {
        query.limit = Self.readingsPerAnswerMax
        let found = try await page(query)
        add(found.trimmed, to: &answer)
        for reading in found.readings {
          let series = reading.device.text + "/" + reading.channel
          guard counts[series, default: 0] < count else { continue }
          guard kept.count < request.limit else {
            isCut = true
            break
          }
          counts[series, default: 0] += 1
          kept.append(reading)
        }
        query.cursor = found.next
        let isFull = counts.values.count { $0 >= count } >= wanted ?? .max
        if found.next == nil || (identity != nil && isFull) { break }
      }
    }
    // Cutting some channels short without a word would pass for an answer.
    guard !isCut else {
      throw ServiceError(
        status: 422, code: "bad-argument", parameters: ["argument": "last"],
        detail: "the last \(count) of every channel are more than \(request.limit) readings",
        remedy: "name a device or a channel, or ask for fewer")
    }
    answer.readings = await views(of: kept.reversed())
    return answer
  }

  private func add(_ trimmed: [TrimmedSpan], to page: inout ReadingsPage) {
    for span in trimmed {
      let owner = registry.device(span.device)?.partOf ?? span.device
      page.add(
        TrimmedReadingsView(
          device: owner.text, channel: span.channel,
          left: span.level == .minutes ? .minutes : .summaries, fromUs: span.fromUs,
          toUs: span.toUs, count: span.count))
    }
  }

  private func page(_ query: ReadingQuery) async throws(ServiceError) -> ReadingPage {
    do throws(DatabaseError) {
      return try await history.page(query)
    } catch {
      throw Problems.service(error)
    }
  }

  /// Readings as the API shows them. Thousands take milliseconds: not on the loop.
  private func views(of readings: [StoredReading]) async -> [ReadingView] {
    var owners: [DeviceIdentity: DeviceIdentity] = [:]
    for device in registry.remembered { owners[device.identity] = device.partOf }
    let known = owners
    return await Task.detached {
      readings.map { Self.view(of: $0, owner: known[$0.device] ?? $0.device) }
    }.value
  }

  private nonisolated static func view(
    of reading: StoredReading, owner: DeviceIdentity
  ) -> ReadingView {
    var view = ReadingView(
      device: owner.text, channel: reading.channel, unit: reading.unit, value: reading.value,
      arrivalUs: reading.arrival.bootUs, quality: reading.date.utc.quality, pending: false,
      simulated: reading.isSimulated)
    view.timeUs = reading.date.utc.boundUs == nil ? nil : reading.date.utc.utcUs
    view.nodeUs = reading.late == nil ? reading.date.node.bootUs : nil
    view.boundUs = reading.date.utc.boundUs
    if let late = reading.late {
      (view.late, view.author, view.note) = (true, late.author, late.note)
    }
    view.epoch = reading.numbering?.epoch
    view.seq = reading.numbering?.seq
    view.ticksMs = reading.numbering.map { UInt64($0.ticksMs) }
    return view
  }

  // MARK: Status

  func status() async -> StatusView {
    let progress = recorder.progress
    var storage = StorageView(
      state: progress.error == nil ? "recording" : "waiting", commits: progress.commits,
      readings: progress.readings, pendingReadings: progress.pending)
    storage.problem = progress.error.map { Problems.view($0) }
    storage.inspection = inspectionView
    storage.compaction = compactionView
    disk.refresh(nowUs: Clock.bootUs())
    writeMeter.refresh(nowUs: Clock.bootUs())
    storage.wear = writeMeter.view
    storage.ballast = ballast.view
    storage.trimming = trimmingTally
    storage.series = Int64(ledger.known)
    storage.databaseBytes = disk.databaseBytes
    storage.freeBytes = disk.freeBytes
    let metrics = EventLoop.shared.metrics
    var view = StatusView(
      version: BivouacVersion.text, node: settings.node.description,
      incarnation: progress.commits > 0 ? settings.incarnation.description : nil,
      uptimeSeconds: (Clock.bootUs() - startedUs) / 1_000_000,
      clock: discipline.observation().view, storage: storage,
      loop: LoopView(
        turns: metrics.turns, lagMaxUs: metrics.lagMaxUs, busyMaxUs: metrics.busyMaxUs,
        over50Ms: metrics.turnsOver50Ms),
      devices: deviceStates(), questions: questions(),
      notices: notices.map(withCount) + [retention.alarm].compactMap { $0 })
    view.http = http?()
    view.access = people.view
    view.alarms = alarmTally
    view.sync = sites?.tally
    return view
  }

  /// Keeps one notice of a kind, the newest.
  func note(_ notice: ProblemView) {
    notices.removeAll { $0.code == notice.code }
    notices.append(notice)
  }

  /// Keeps one notice for each address that cannot be listened on.
  func note(_ notice: PageServerNotice) {
    notices.removeAll {
      $0.code.hasPrefix("http.") && $0.parameters["address"] == notice.address
    }
    if let problem = notice.problem {
      notices.append(problem)
      log.write(.warning, problem.code, ["detail": problem.detail])
    }
  }
}
