internal import Model

/// How long readings are kept and what went, drawn.
enum RetentionPage {
  /// Entries of what went that are shown of one record; the rest is counted.
  private static let shownMax = 8

  static func lines(
    _ view: RetentionView, names: [String: String], _ page: Page
  ) -> [String] {
    let language = page.language
    var facts: [(Message, String)] = [(.factDefault, words(view.standard, language))]
    facts.append((.factQuota, page.say(.databaseQuota(view, language))))
    facts.append((.factAges, page.say(view.agesCount ? .agesCount : .agesDoNotCount)))
    if !view.keepers.isEmpty {
      let names = view.keepers.map { TextWidth.harmless($0) }
      facts.append((.factKeepers, names.joined(separator: ", ")))
    }
    var lines = DevicePage.facts(facts, page)
    if !view.keepers.isEmpty {
      lines += [""] + page.wrap(.keepersProve(age(view.keepAfterAck, page.language)))
      if view.waiting > 0 { lines += page.wrap(.waitForKeepers(view.waiting)) }
    }
    if !view.settings.isEmpty {
      lines.append("")
      lines += page.lines(settings(view.settings, names, page))
    }
    guard !view.went.isEmpty else { return lines + [""] + page.wrap(.nothingWent) }
    for record in view.went { lines += [""] + self.lines(record, names, page) }
    if view.unseen > 0 { lines += [""] + page.wrap(.acknowledgeThem(view.unseen)) }
    return lines
  }

  private static func settings(
    _ settings: [RetentionSettingView], _ names: [String: String], _ page: Page
  ) -> Table {
    var table = Table([
      .init(heading: page.say(.headDevice), columnsMin: 10),
      .init(heading: page.say(.headChannel)), .init(heading: page.say(.headRaw)),
      .init(heading: page.say(.headMinutes)), .init(heading: page.say(.headQuota)),
    ])
    for setting in settings {
      let (rule, said) = (setting.rule, setting.said)
      table.add([
        .init(names[setting.device] ?? setting.device), .init(setting.channel ?? "*"),
        .init(age(rule.raw, page.language), said.raw == nil ? .faint : .plain),
        .init(age(rule.minutes, page.language), said.minutes == nil ? .faint : .plain),
        .init(size(rule.quota, page.language), said.quota == nil ? .faint : .plain),
      ])
    }
    return table
  }

  private static func lines(
    _ record: TrimmingView, _ names: [String: String], _ page: Page
  ) -> [String] {
    let time = WallTime.text(us: record.atUs, inUtc: page.isInUtc).prefix { $0 != "." }
    let title = page.say(
      .wentAt(String(record.id.prefix(8)), String(time), record, page.language))
    var lines = page.wrap(Message(verbatim: title)).map {
      page.tone(record.seen == nil ? .warning : .faint, $0)
    }
    var table = Table([
      .init(heading: "  " + page.say(.headDevice), columnsMin: 10),
      .init(heading: page.say(.headChannel)),
      .init(heading: page.say(.headSummed), onRight: true),
      .init(heading: page.say(.headFrom)), .init(heading: page.say(.headTo)),
      .init(heading: page.say(.headLeft)), .init(heading: page.say(.headReason)),
    ])
    for went in record.went.prefix(shownMax) {
      table.add([
        .init("  " + (names[went.device] ?? went.device)), .init(went.channel),
        .init(Figures.whole(went.readings, page.language)), .init(day(went.fromUs, page)),
        .init(day(went.toUs, page)), .init(page.say(left(went.left))),
        .init(
          page.say(went.reason == "quota" ? .wentByQuota : .wentBySpace)
            + (went.isUnacknowledged ? ", " + page.say(.wentAlone) : "")),
      ])
    }
    lines += page.lines(table)
    let more = Int64(max(0, record.went.count - shownMax)) + record.more
    if more > 0 { lines += page.wrap(.moreWent(more), indent: "  ") }
    return lines
  }

  static func lines(_ view: DeviceRetentionView, _ page: Page) -> [String] {
    guard !view.channels.isEmpty else { return page.wrap(.nothingHeld) }
    var table = Table([
      .init(heading: page.say(.headChannel)), .init(heading: page.say(.headRaw)),
      .init(heading: page.say(.headMinutes)), .init(heading: page.say(.headQuota)),
      .init(heading: page.say(.headLevel)),
      .init(heading: page.say(.headSummed), onRight: true),
      .init(heading: page.say(.headFrom)), .init(heading: page.say(.headTo)),
      .init(heading: page.say(.headBytes), onRight: true),
    ])
    for channel in view.channels {
      let rule = channel.rule
      let start: [Table.Cell] = [
        .init(channel.channel), .init(age(rule.raw, page.language)),
        .init(age(rule.minutes, page.language)), .init(size(rule.quota, page.language)),
      ]
      guard !channel.held.isEmpty else {
        table.add(start + [.init("–", .faint)] + (0..<4).map { _ in .init("") })
        continue
      }
      for (index, held) in channel.held.enumerated() {
        table.add(
          (index == 0 ? start : (0..<4).map { _ in Table.Cell("") }) + [
            .init(page.say(left(held.level))),
            .init(Figures.whole(held.readings, page.language)),
            .init(day(held.fromUs, page)), .init(day(held.toUs, page)),
            .init(Figures.bytes(held.bytes, page.language)),
          ])
      }
    }
    return page.lines(table)
  }

  private static func left(_ level: String) -> Message {
    switch level {
    case "raw": .levelRaw
    case "minutes": .levelMinutes
    default: .levelSummaries
    }
  }

  private static func day(_ us: Int64?, _ page: Page) -> String {
    us.map { String(WallTime.text(us: $0, inUtc: page.isInUtc).prefix { $0 != "." }) } ?? ""
  }

  // MARK: Words

  /// A rule in one sentence.
  static func words(_ rule: RetentionRuleView, _ language: Language) -> String {
    Message.rule(
      age(rule.raw, language), age(rule.minutes, language), size(rule.quota, language)
    ).text(language)
  }

  /// An age as a person reads it: `90 days`, « 90 jours ».
  static func age(_ text: String?, _ language: Language) -> String {
    guard let text, text != "forever" else { return Message.forever.text(language) }
    let digits = text.prefix { $0.isNumber }
    guard let count = Int64(digits) else { return text }
    return Message.age(count, String(text.dropFirst(digits.count))).text(language)
  }

  private static func size(_ text: String?, _ language: Language) -> String {
    guard let text, text != "none" else { return Message.noQuota.text(language) }
    // Octets, in French.
    guard language == .french, text.hasSuffix("B") else { return text }
    return text.dropLast() + "o"
  }
}
