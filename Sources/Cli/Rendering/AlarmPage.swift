internal import Model

/// Alarms and their rules, drawn.
enum AlarmPage {
  static func lines(
    _ list: AlarmsPage, names: [String: String], _ page: Page
  ) -> [String] {
    guard !list.alarms.isEmpty else { return page.wrap(.noAlarms) }
    var table = Table([
      .init(heading: page.say(.headId)), .init(heading: page.say(.headSince)),
      .init(heading: page.say(.headSeverity)), .init(heading: page.say(.headRule), columnsMin: 8),
      .init(heading: page.say(.headDevice), columnsMin: 8),
      .init(heading: page.say(.headChannel)), .init(heading: page.say(.headValue)),
      .init(heading: page.say(.headState)),
    ])
    for alarm in list.alarms {
      let rule = alarm.content
      let unit = alarm.unit.map { $0.isEmpty ? "" : " " + $0 } ?? ""
      let device = rule?.device ?? ""
      table.add([
        .init(String(alarm.id.prefix(8))),
        .init((alarm.trusted ? "" : "?") + time(alarm.sinceUs, page)),
        .init(page.say(.severity(rule?.severity)), alarm.open ? .warning : .faint),
        .init(rule?.name ?? alarm.rule), .init(names[device] ?? device),
        .init(rule?.channel ?? "*"), .init(alarm.value.map { $0 + unit } ?? ""),
        .init(state(alarm, page), alarm.acknowledged == nil ? .plain : .faint),
      ])
    }
    return page.lines(table) + (list.next == nil ? [] : page.wrap(.alarmsMore(list.alarms.count)))
  }

  private static func state(_ alarm: AlarmView, _ page: Page) -> String {
    let state: Message
    switch (alarm.open, alarm.cleared) {
    case (true, _): state = .alarmOpen
    case (_, "normal"): state = .alarmOver
    default: state = .alarmRuleEnded
    }
    return page.say(state) + (alarm.acknowledged == nil ? "" : ", " + page.say(.alarmSeen))
  }

  static func lines(
    _ list: AlarmRulesList, names: [String: String], _ page: Page
  ) -> [String] {
    let unreadable = list.unreadable > 0 ? page.wrap(.unreadableRules(list.unreadable)) : []
    guard !list.rules.isEmpty else { return page.wrap(.noRules) + unreadable }
    var table = Table([
      .init(heading: page.say(.headId)), .init(heading: page.say(.headName), columnsMin: 8),
      .init(heading: page.say(.headDevice), columnsMin: 8),
      .init(heading: page.say(.headChannel)), .init(heading: page.say(.headCondition)),
      .init(heading: page.say(.headSeverity)), .init(heading: page.say(.headNote), columnsMin: 6),
    ])
    for view in list.rules {
      let rule = view.rule
      let note = rule.enabled == false ? Message.ruleOff : view.conflict ? .changedTwice : nil
      table.add([
        .init(view.id), .init(rule.name), .init(names[rule.device] ?? rule.device),
        .init(rule.channel ?? "*"), .init(page.say(.condition(rule))),
        .init(page.say(.severity(rule.severity))), .init(note.map(page.say) ?? "", .warning),
      ])
    }
    return page.lines(table) + unreadable
  }

  private static func time(_ us: Int64, _ page: Page) -> String {
    String(WallTime.text(us: us, inUtc: page.isInUtc).prefix { $0 != "." })
  }
}
