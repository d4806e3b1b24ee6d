internal import Model
internal import Reactor
internal import Web

/// Rules of alarms, and what came of them.
extension Api {
  /// Alarms of a page where nothing is said, and at most.
  private static let alarmsDefault = 100
  private static let alarmsMax = 500

  func addAlarms(to router: inout Router) {
    addAlarmRules(to: &router)
    addSilence(to: &router)
    addRecipients(to: &router)
    let node = node
    let states = AlarmsRequest.State.allCases.map(\.rawValue)
    add(
      Operation(
        .get, "/api/v1/alarms", .needs(.read),
        "Times that a rule was broken, newest first: those that go on where nothing is said.",
        parameters: [
          .init(
            name: "state", schema: .words(states),
            description: "Those that go on, those that nobody has seen (over or not), or all."),
          .init(
            name: "limit", schema: .integer(in: 1...Int64(Self.alarmsMax)),
            description: "At most so many; 100 where nothing is said."),
          .init(
            name: "cursor", schema: .text, description: "The `next` of the page before."),
        ], answer: .json(AlarmsPage.self)), to: &router
    ) { _, query throws(ServiceError) in
      let state = try query.word("state", AlarmsRequest.State.self, known: states) ?? .open
      let limit = try query.number("limit", in: 1...Self.alarmsMax) ?? Self.alarmsDefault
      let cursor = try query.text("cursor")
      try query.finish()
      return .json(
        try await node.alarms(AlarmsRequest(state: state, limit: limit, cursor: cursor)))
    }
    add(
      Operation(
        .post, "/api/v1/alarms/{id}/acknowledge", .needs(.operate),
        "Says that a person has seen an alarm, whether it goes on or not.",
        body: AlarmAcknowledgeRequest.self, answer: .json(AlarmView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(AlarmAcknowledgeRequest.self)
      return .json(
        try await node.acknowledgeAlarm(
          request.part("id"), comment: wanted.comment ?? "", author: request.author))
    }
  }

  private func addSilence(to router: inout Router) {
    let node = node
    add(
      Operation(
        .get, "/api/v1/silence", .needs(.read),
        "After which time a hub raises an alarm for a node of its site that it does not hear.",
        answer: .json(SilenceView.self)), to: &router
    ) { _, _ in .json(node.silence()) }
    add(
      Operation(
        .put, "/api/v1/silence", .needs(.administer), "Sets that time, for the whole site.",
        body: SilenceRequest.self, answer: .json(SilenceView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(SilenceRequest.self)
      return .json(try await node.setSilence(wanted, author: request.author))
    }
  }

  private func addAlarmRules(to router: inout Router) {
    let node = node
    add(
      Operation(
        .get, "/api/v1/rules", .needs(.read), "The rules of alarms, by name.",
        answer: .json(AlarmRulesList.self)), to: &router
    ) { _, _ throws(ServiceError) in .json(node.alarmRules()) }
    add(
      Operation(
        .post, "/api/v1/rules", .needs(.administer), "Adds a rule of alarms.",
        body: AlarmRuleContent.self, answer: .json(AlarmRuleView.self, status: 201)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(AlarmRuleContent.self)
      return .json(
        try await node.setAlarmRule(nil, wanted, author: request.author), status: 201)
    }
    add(
      Operation(
        .put, "/api/v1/rules/{id}", .needs(.administer),
        "Writes a rule of alarms anew, all of it; an alarm that it began ends.",
        body: AlarmRuleContent.self, answer: .json(AlarmRuleView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(AlarmRuleContent.self)
      return .json(
        try await node.setAlarmRule(request.part("id"), wanted, author: request.author))
    }
    add(
      Operation(
        .delete, "/api/v1/rules/{id}", .needs(.administer),
        "Removes a rule of alarms; an alarm that it began ends.", answer: .nothing), to: &router
    ) { request, query throws(ServiceError) in
      try query.finish()
      try await node.removeAlarmRule(request.part("id"), author: request.author)
      return .noContent
    }
  }
}
