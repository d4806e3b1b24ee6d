internal import Model
internal import Reactor
internal import Web

/// Deletions, late values and annotations: what people add to what devices said.
extension Api {
  func addFacts(to router: inout Router) {
    addDeletions(to: &router)
    addLateValues(to: &router)
    addAnnotations(to: &router)
  }

  private func addDeletions(to router: inout Router) {
    let node = node
    add(
      Operation(
        .get, "/api/v1/deletions", .needs(.read),
        "The readings that people have hidden, newest first.",
        parameters: Self.factsParameters, answer: .json(DeletionsPage.self)), to: &router
    ) { _, query throws(ServiceError) in
      .json(try await node.deletions(try Self.factsRequest(&query)))
    }
    add(
      Operation(
        .post, "/api/v1/deletions", .needs(.administer),
        "Hides a span of a device's or a channel's readings everywhere, until it is undone.",
        body: DeletionRequest.self, answer: .json(DeletionsPage.self, status: 201)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(DeletionRequest.self)
      guard wanted.fromUs < wanted.toUs else {
        throw .badParameter("toUs", "it does not lie after \"fromUs\"")
      }
      return .json(try await node.delete(wanted, author: request.author), status: 201)
    }
    add(
      Operation(
        .post, "/api/v1/deletions/{id}/undo", .needs(.administer),
        "Shows again what a deletion hid.",
        body: WithdrawalRequest.self, answer: .json(DeletionView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let reason = try request.content(WithdrawalRequest.self).reason ?? ""
      return .json(
        try await node.undelete(request.part("id"), reason: reason, author: request.author))
    }
  }

  private func addLateValues(to router: inout Router) {
    let node = node
    add(
      Operation(
        .get, "/api/v1/late-values", .needs(.read),
        "What people have added to channels, newest first.",
        parameters: Self.factsParameters, answer: .json(LateValuesPage.self)), to: &router
    ) { _, query throws(ServiceError) in
      .json(try await node.lateValues(try Self.factsRequest(&query)))
    }
    add(
      Operation(
        .post, "/api/v1/late-values", .needs(.operate),
        "Adds values with their own times to a channel; nothing is overwritten.",
        body: LateValuesRequest.self, answer: .json(LateValuesView.self, status: 201)),
      to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(LateValuesRequest.self)
      guard (1...ApiLimits.lateValuesMax).contains(wanted.values.count) else {
        throw .badParameter(
          "values", "one request adds 1 to \(ApiLimits.lateValuesMax) of them")
      }
      return .json(try await node.addLate(wanted, author: request.author), status: 201)
    }
    add(
      Operation(
        .post, "/api/v1/late-values/{id}/withdraw", .needs(.operate), "Takes added values back.",
        body: WithdrawalRequest.self, answer: .json(LateValuesView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let reason = try request.content(WithdrawalRequest.self).reason ?? ""
      return .json(
        try await node.withdrawLate(request.part("id"), reason: reason, author: request.author))
    }
  }

  private func addAnnotations(to router: inout Router) {
    let node = node
    add(
      Operation(
        .get, "/api/v1/annotations", .needs(.read), "What people have said of times, newest first.",
        parameters: Self.factsParameters, answer: .json(AnnotationsPage.self)), to: &router
    ) { _, query throws(ServiceError) in
      .json(try await node.annotations(try Self.factsRequest(&query)))
    }
    add(
      Operation(
        .post, "/api/v1/annotations", .needs(.operate), "Says something of a time.",
        body: AnnotationRequest.self, answer: .json(AnnotationView.self, status: 201)),
      to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(AnnotationRequest.self)
      if let to = wanted.toUs, to < wanted.fromUs {
        throw .badParameter("toUs", "it lies before \"fromUs\"")
      }
      guard wanted.device != nil || wanted.channel == nil else {
        throw .badParameter("channel", "it needs a device")
      }
      return .json(try await node.annotate(wanted, author: request.author), status: 201)
    }
    add(
      Operation(
        .post, "/api/v1/annotations/{id}/remove", .needs(.operate), "Takes an annotation away.",
        body: WithdrawalRequest.self, answer: .json(AnnotationView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let reason = try request.content(WithdrawalRequest.self).reason ?? ""
      return .json(
        try await node.removeAnnotation(
          request.part("id"), reason: reason, author: request.author))
    }
  }

  private static var factsParameters: [Operation.Parameter] {
    [
      .init(name: "device", schema: .text, description: "Of this device, by id or name."),
      .init(
        name: "channel", schema: .text,
        description: "Of this channel, by its key, and of whole devices."),
      .init(
        name: "from", schema: .integer(in: .min ... .max),
        description: "That touch this time or a later one, in microseconds since 1970 UTC."),
      .init(
        name: "to", schema: .integer(in: .min ... .max),
        description: "That touch a time before this one, in microseconds since 1970 UTC."),
      .init(
        name: "all", schema: .words(["yes"]), description: "Those that were taken back too."),
      .init(
        name: "limit", schema: .integer(in: 1...Int64(ApiLimits.factsPerPageMax)),
        description: "At most so many on one page."),
      .init(name: "cursor", schema: .text, description: "The next of the page before."),
    ]
  }

  private enum All: String { case yes }

  /// Every parameter of a question for facts, checked.
  static func factsRequest(_ query: inout QueryReader) throws(ServiceError) -> FactsRequest {
    var wanted = FactsRequest()
    wanted.device = try query.text("device")
    wanted.channel = try query.text("channel", bytesMax: Channel.keyBytesMax)
    wanted.fromUs = try query.number("from", in: Int64.min...Int64.max)
    wanted.toUs = try query.number("to", in: Int64.min...Int64.max)
    wanted.all = try query.word("all", All.self, known: ["yes"]) != nil
    wanted.limit = try query.number("limit", in: 1...ApiLimits.factsPerPageMax) ?? wanted.limit
    wanted.cursor = try query.text("cursor")
    try query.finish()
    if let from = wanted.fromUs, let to = wanted.toUs, from >= to {
      throw .badParameter("to", "it does not lie after \"from\"")
    }
    return wanted
  }
}
