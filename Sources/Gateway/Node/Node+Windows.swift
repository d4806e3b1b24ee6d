internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// What readings come to: windows and points.
extension Node {
  /// Pages of the store that one request may go through.
  private static let pagesMax = 64
  /// From this length on a slot of points may take a quarter hour by its beginning, in seconds.
  private static let quickSlotSeconds: Int64 = 1_800
  /// Pages of readings looked through for the few that points are made of, before slots are taken.
  private static let readingPagesMax = 8

  func windows(_ request: WindowsRequest) async throws(ServiceError) -> BucketsPage {
    let device = try find(request.device)
    var zone: TimeZoneRules?
    if let name = request.zone { zone = try await self.zone(name) }
    guard let grid = request.length.map({ BucketGrid($0, zone: zone) }) ?? .whole else {
      throw Self.badWindow
    }
    var query = WindowQuery(
      devices: parts(of: device).compactMap { $0 }, channel: request.channel,
      span: Self.span(request.cursor ?? request.fromUs, request.toUs), grid: grid)
    query.filter = try Self.filter(request, zone)
    if query.filter != nil {
      // Hours and days are laid out one by one: only where there are readings.
      query.span = try await span(of: query)
    }
    query.functions = Self.functions(request.functions)
    query.precision = request.isQuick ? .quick : .exact
    let (buckets, unit, next) = try await pages(query, limit: request.limit)
    if buckets.isEmpty { try await requireChannel(request.channel, of: device) }
    var page = BucketsPage(
      device: device.text, channel: request.channel, unit: unit,
      window: request.length?.text ?? "all", zone: request.zone ?? "UTC")
    page.next = next.map { "\($0)" }
    page.buckets = await Task.detached {
      buckets.map { bucket in
        var view = bucket.view(request.functions)
        if request.length == nil {
          // All of time has no borders worth telling: those asked for, or of the readings.
          view.fromUs = request.fromUs ?? bucket.tally.fromUs
          view.toUs = request.toUs ?? bucket.tally.toUs.addingReportingOverflow(1).partialValue
        }
        return view
      }
    }.value
    return page
  }

  /// The part of a query's span that has readings.
  private func span(of query: WindowQuery) async throws(ServiceError) -> Range<Int64> {
    var whole = query
    whole.grid = .whole
    whole.filter = nil
    whole.functions = .sums
    guard let tally = try await sums(whole).buckets.first?.tally else {
      return query.span.lowerBound..<query.span.lowerBound
    }
    let end = max(tally.toUs, tally.toUs.addingReportingOverflow(1).partialValue)
    return query.span.clamped(to: tally.fromUs..<end)
  }

  /// Buckets up to a number, through as many pages as it takes; and where to go on.
  private func pages(
    _ wanted: WindowQuery, limit: Int
  ) async throws(ServiceError) -> (buckets: [WindowBucket], unit: String, next: Int64?) {
    var query = wanted
    var buckets: [WindowBucket] = []
    var unit = ""
    for _ in 0..<Self.pagesMax {
      query.limit = limit - buckets.count
      let page = try await page(query)
      buckets += page.buckets
      unit = page.unit ?? unit
      guard let next = page.nextUs else { return (buckets, unit, nil) }
      guard next > query.span.lowerBound, next < query.span.upperBound else { break }
      query.span = next..<query.span.upperBound
      guard buckets.count < limit else { break }
    }
    return (buckets, unit, query.span.lowerBound)
  }

  private func page(_ query: WindowQuery) async throws(ServiceError) -> WindowPage {
    do throws(DatabaseError) {
      return try await history.windows(query)
    } catch {
      throw Problems.service(error)
    }
  }

  /// A query's buckets with the unit and the kind of the newest readings.
  func sums(
    _ query: WindowQuery
  ) async throws(ServiceError) -> (buckets: [WindowBucket], unit: String, kind: Channel.Kind?) {
    var query = query
    var found: (buckets: [WindowBucket], unit: String, kind: Channel.Kind?) = ([], "", nil)
    for _ in 0..<Self.pagesMax {
      let page = try await page(query)
      found.buckets += page.buckets
      found.unit = page.unit ?? found.unit
      found.kind = page.kind ?? found.kind
      guard let next = page.nextUs, next > query.span.lowerBound, next < query.span.upperBound
      else { break }
      query.span = next..<query.span.upperBound
    }
    return found
  }

  private static func span(_ fromUs: Int64?, _ toUs: Int64?) -> Range<Int64> {
    let from = fromUs ?? .min
    return from..<max(from, toUs ?? .max)
  }

  private static func functions(_ wanted: Set<WindowsRequest.Function>) -> WindowFunctions {
    var functions = WindowFunctions.sums
    if !wanted.isDisjoint(with: [.first, .last]) { functions.insert(.ends) }
    if wanted.contains(.twa) { functions.insert(.held) }
    return functions
  }

  private static func filter(
    _ request: WindowsRequest, _ zone: TimeZoneRules?
  ) throws(ServiceError) -> CalendarFilter? {
    guard request.weekdays != nil || request.daytime != nil else { return nil }
    let filter = CalendarFilter(
      weekdays: request.weekdays ?? Set(1...7), daytime: request.daytime ?? .whole,
      zone: zone ?? .utc)
    guard let filter else { throw badWindow }
    return filter
  }

  private static let badWindow = ServiceError(
    status: 400, code: "bad-parameter", parameters: ["parameter": "window"],
    detail: "these windows cannot be laid", remedy: "choose another window or other weekdays")

  // MARK: Zones

  private func zone(_ name: String) async throws(ServiceError) -> TimeZoneRules {
    do throws(ZoneFiles.Failure) {
      return try await zones.zone(name)
    } catch {
      throw Self.problem(error, name)
    }
  }

  private static func problem(_ failure: ZoneFiles.Failure, _ name: String) -> ServiceError {
    switch failure {
    case .unknown(let nearest?):
      return ServiceError(
        status: 400, code: "unknown-zone", parameters: ["zone": name, "nearest": nearest],
        detail: "there is no time zone \(name)", remedy: "did you mean \(nearest)?")
    case .unknown(nil):
      return ServiceError(
        status: 400, code: "unknown-zone", parameters: ["zone": name],
        detail: "there is no time zone \(name)",
        remedy: "name one of the tz database, such as Europe/Paris")
    case .unreadable(let reason):
      return ServiceError(
        status: 500, code: "zone-unreadable", parameters: ["zone": name],
        detail: "the file of the time zone \(name) cannot be used (\(reason))",
        remedy: "install the package tzdata again")
    }
  }

  // MARK: Points

  func points(_ request: PointsRequest) async throws(ServiceError) -> [PointsView] {
    let device = try find(request.device)
    var series: [PointsView] = []
    for channel in request.channels { series.append(try await points(request, device, channel)) }
    return series
  }

  private func points(
    _ request: PointsRequest, _ device: DeviceIdentity, _ channel: String
  ) async throws(ServiceError) -> PointsView {
    var query = WindowQuery(
      devices: parts(of: device).compactMap { $0 }, channel: channel,
      span: Self.span(request.fromUs, request.toUs), grid: .whole)
    var span = query.span
    if request.fromUs == nil || request.toUs == nil {
      guard let whole = try await pages(query, limit: 1).buckets.first?.tally else {
        try await requireChannel(channel, of: device)
        return PointsView(
          device: device.text, channel: channel, unit: "", fromUs: request.fromUs ?? 0,
          toUs: request.toUs ?? 0, basis: .raw)
      }
      let end = whole.toUs.addingReportingOverflow(1).partialValue
      span = Self.span(request.fromUs ?? whole.fromUs, request.toUs ?? max(whole.toUs, end))
    }
    query.span = span
    let slotSeconds = Self.slotSeconds(span, request.points)
    guard let length = BucketLength(slotSeconds, .seconds), let grid = BucketGrid(length) else {
      throw .badSpan
    }
    query.grid = grid
    query.precision = slotSeconds >= Self.quickSlotSeconds ? .quick : .exact
    // Slots count from 1970, so one more than asked for may be touched.
    let (buckets, unit, _) = try await pages(query, limit: request.points + 1)
    var view = PointsView(
      device: device.text, channel: channel, unit: unit, fromUs: span.lowerBound,
      toUs: span.upperBound, basis: .raw)
    let count = buckets.reduce(0) { $0 + $1.tally.count }
    if count == 0 { try await requireChannel(channel, of: device) }
    // Of readings that are gone there are only sums.
    let isTrimmed = buckets.contains { $0.tally.isTrimmed }
    if count <= request.points, !isTrimmed, let few = try await fewReadings(query, Int(count)) {
      view.fill(few)
    } else {
      view.fill(buckets)
    }
    return view
  }

  /// The shortest slots, in whole seconds, of which so many cover a span.
  private static func slotSeconds(_ span: Range<Int64>, _ points: Int) -> Int64 {
    let (length, overflow) = span.upperBound.subtractingReportingOverflow(span.lowerBound)
    let slotUs = (overflow ? Int64.max : length) / Int64(points)
    return max(1, slotUs / 1_000_000 + (slotUs % 1_000_000 > 0 ? 1 : 0))
  }

  /// The readings themselves, in the order of their times; nil when finding them takes too long.
  private func fewReadings(
    _ wanted: WindowQuery, _ count: Int
  ) async throws(ServiceError) -> [StoredReading]? {
    var readings: [StoredReading] = []
    var pages = 0
    for device in wanted.devices {
      var query = ReadingQuery()
      query.device = device
      query.channel = wanted.channel
      query.span = .utc(wanted.span)
      repeat {
        pages += 1
        guard pages <= Self.readingPagesMax else { return nil }
        query.limit = max(1, count)
        do throws(DatabaseError) {
          let page = try await history.page(query)
          readings += page.readings
          query.cursor = page.next
        } catch {
          throw Problems.service(error)
        }
      } while query.cursor != nil
    }
    return readings.sorted { $0.date.utc.utcUs < $1.date.utc.utcUs }
  }
}

extension ServiceError {
  fileprivate static let badSpan = ServiceError(
    status: 400, code: "bad-parameter", parameters: ["parameter": "from"],
    detail: "the span from \"from\" to \"to\" is too long for slots",
    remedy: "ask for a shorter one, or for more points")
}

extension PointsView {
  /// One point for each reading that is a number.
  fileprivate mutating func fill(_ readings: [StoredReading]) {
    for reading in readings {
      guard let number = reading.value.number, !number.isNaN else { continue }
      timeUs.append(reading.date.utc.utcUs)
      min.append(number)
      max.append(number)
      avg.append(number)
      count.append(1)
      boundsUs.append(reading.date.utc.boundUs)
    }
    boundUs = largestBoundUs
  }

  /// Nil when nobody can say how far off one of them is, or there is none.
  private var largestBoundUs: Int64? {
    let known = boundsUs.compactMap { $0 }
    return known.count == boundsUs.count ? known.max() : nil
  }

  /// One point for each slot that has numbers.
  fileprivate mutating func fill(_ buckets: [WindowBucket]) {
    for bucket in buckets {
      guard let least = bucket.tally.least?.number, let most = bucket.tally.most?.number,
        let average = bucket.tally.average
      else { continue }
      timeUs.append(bucket.fromUs)
      min.append(least)
      max.append(most)
      avg.append(average)
      count.append(bucket.tally.count)
      boundsUs.append(bucket.tally.boundUs)
    }
    boundUs = largestBoundUs
    let bases = Set(buckets.map(\.basis))
    let isTrimmed = bases.contains(.rollup)
    basis = isTrimmed ? .rollup : bases.count > 1 ? .mixed : bases.first?.view ?? .raw
  }
}

extension WindowBucket.Basis {
  fileprivate var view: BucketView.Basis {
    switch self {
    case .raw: .raw
    case .summary: .summary
    case .mixed: .mixed
    case .rollup: .rollup
    }
  }
}

extension WindowBucket {
  /// What was asked for of it.
  fileprivate func view(_ functions: Set<WindowsRequest.Function>) -> BucketView {
    var view = BucketView(
      fromUs: fromUs, toUs: toUs, basis: basis.view, approximate: tally.isApproximate)
    view.boundUs = tally.boundUs
    if functions.contains(.count) { view.count = tally.count }
    if functions.contains(.avg) { view.avg = tally.average }
    if functions.contains(.min) { view.min = tally.least?.number }
    if functions.contains(.max) { view.max = tally.most?.number }
    if functions.contains(.sum) { view.sum = tally.sum }
    if functions.contains(.twa) { view.twa = tally.heldAverage }
    if functions.contains(.first) { (view.first, view.firstText) = Self.parts(tally.first) }
    if functions.contains(.last) { (view.last, view.lastText) = Self.parts(tally.last) }
    return view
  }

  private static func parts(_ point: WindowPoint?) -> (Double?, String?) {
    guard case .text(let text)? = point?.value else { return (point?.value.number, nil) }
    return (nil, text)
  }
}
