internal import Model

/// What readings come to, drawn.
enum BucketPage {
  /// The buckets of one series, with the numbers that were asked for.
  static func table(_ answer: BucketsPage, _ page: Page) -> [String] {
    guard !answer.buckets.isEmpty else { return page.wrap(.noReadings) }
    let numbers: [(Message, (BucketView) -> String?)] = [
      (.headReadings, { $0.count.map { Figures.whole($0, page.language) } }),
      (.headAverage, { number($0.avg, page) }), (.headLeast, { number($0.min, page) }),
      (.headMost, { number($0.max, page) }), (.headSum, { number($0.sum, page) }),
      (.headBegin, { $0.firstText ?? number($0.first, page) }),
      (.headEnd, { $0.lastText ?? number($0.last, page) }), (.headHeld, { number($0.twa, page) }),
    ]
    let shown = numbers.filter { column in answer.buckets.contains { column.1($0) != nil } }
    var table = Table(
      [.init(heading: " " + page.say(.headFrom))]
        + shown.map { .init(heading: page.say($0.0), onRight: true, columnsMin: 6) }
        + [.init(heading: page.say(.headUnit)), .init(heading: page.say(.headMark))])
    for bucket in answer.buckets {
      let marks = [
        bucket.approximate ? page.say(.markApproximate) : nil, uncertainty(bucket.boundUs, page),
      ]
      let time = page.time(us: bucket.fromUs)
      table.add(
        [.init(" " + time, .faint)] + shown.map { .init($0.1(bucket) ?? "", .strong) }
          + [
            .init(answer.unit),
            .init(marks.compactMap { $0 }.joined(separator: ", "), .artificial),
          ])
    }
    return page.lines(table)
  }

  /// The points of one series.
  static func table(_ series: PointsView, _ page: Page) -> [String] {
    guard !series.timeUs.isEmpty else { return page.wrap(.noReadings) }
    var table = Table([
      .init(heading: " " + page.say(.headFrom)),
      .init(heading: page.say(.headReadings), onRight: true),
      .init(heading: page.say(.headAverage), onRight: true),
      .init(heading: page.say(.headLeast), onRight: true),
      .init(heading: page.say(.headMost), onRight: true), .init(heading: page.say(.headUnit)),
      .init(heading: page.say(.headMark)),
    ])
    for point in series.points {
      table.add([
        .init(" " + page.time(us: point.timeUs), .faint),
        .init(Figures.whole(point.count, page.language)),
        .init(number(point.avg, page) ?? "", .strong), .init(number(point.min, page) ?? ""),
        .init(number(point.max, page) ?? ""), .init(series.unit),
        .init(uncertainty(point.boundUs, page) ?? "", .artificial),
      ])
    }
    return page.lines(table)
  }

  /// Every series there is.
  static func table(_ list: [SeriesView], names: [String: String], _ page: Page) -> [String] {
    guard !list.isEmpty else { return page.wrap(.noReadings) }
    var table = Table([
      .init(heading: " " + page.say(.headDevice), columnsMin: 10),
      .init(heading: page.say(.headChannel)), .init(heading: page.say(.headUnit)),
      .init(heading: page.say(.headReadings), onRight: true),
      .init(heading: page.say(.headFrom)), .init(heading: page.say(.headTo)),
      .init(heading: page.say(.headMark)),
    ])
    for series in list {
      table.add([
        .init(" " + (names[series.device] ?? series.device)), .init(series.channel),
        .init(series.unit), .init(Figures.whole(series.count, page.language), .strong),
        .init(series.fromUs.map(page.time(us:)) ?? "", .faint),
        .init(series.toUs.map(page.time(us:)) ?? "", .faint),
        .init(series.simulated ? page.say(.markSimulated) : "", .artificial),
      ])
    }
    return page.lines(table)
  }

  /// How far off times are, where that is worth a word.
  private static func uncertainty(_ boundUs: Int64?, _ page: Page) -> String? {
    guard let boundUs else { return page.say(.markTimeUnknown) }
    guard boundUs >= uncertainUs else { return nil }
    return ClockPage.bound(boundUs, page)
  }

  /// Times that are better known than this need no word, in µs.
  private static let uncertainUs: Int64 = 1_000_000

  /// Six significant digits at most after the mark: a mean has many more, and none of them counts.
  private static func number(_ value: Double?, _ page: Page) -> String? {
    guard let value else { return nil }
    guard value.isFinite, value != value.rounded() else {
      return Figures.decimal(
        "\(value)".hasSuffix(".0") ? "\("\(value)".dropLast(2))" : "\(value)",
        page.language)
    }
    let decimals = value.magnitude >= 1_000 ? 2 : value.magnitude >= 1 ? 3 : 6
    var text = Figures.fixed(value, decimals: decimals, page.language)
    while text.hasSuffix("0") { text.removeLast() }
    return text.last.map { $0.isNumber } ?? true ? text : String(text.dropLast())
  }
}

extension Page {
  /// A time without its fraction.
  fileprivate func time(us: Int64) -> String {
    String(WallTime.text(us: us, inUtc: isInUtc).prefix { $0 != "." })
  }
}
