internal import Model
internal import Reactor
internal import Web

/// How long readings are kept, and what went.
extension Api {
  func addRetention(to router: inout Router) {
    let node = node
    add(
      Operation(
        .get, "/api/v1/retention", .needs(.read),
        "How long everything is kept, and what quotas and full disks took.",
        answer: .json(RetentionView.self)), to: &router
    ) { _, _ throws(ServiceError) in .json(try await node.retentionView()) }
    add(
      Operation(
        .post, "/api/v1/retention/acknowledge", .needs(.operate),
        "Says that a person has seen what went.",
        body: AcknowledgeRequest.self, answer: .json(RetentionView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(AcknowledgeRequest.self)
      return .json(try await node.acknowledge(wanted, author: request.author))
    }
    addRules(to: &router)
  }

  private func addRules(to router: inout Router) {
    let node = node
    add(
      Operation(
        .get, "/api/v1/retention/{id}", .needs(.read),
        "How long the channels of a device are kept, and what is stored of them.",
        answer: .json(DeviceRetentionView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      .json(try await node.retention(of: request.part("id")))
    }
    add(
      Operation(
        .put, "/api/v1/retention/{id}", .needs(.administer),
        "Sets how long a device's or a channel's readings are kept; what is missing in the body"
          + " follows the default.",
        body: RetentionRequest.self, answer: .json(RetentionSettingView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let wanted = try request.content(RetentionRequest.self)
      return .json(
        try await node.setRetention(request.part("id"), wanted, author: request.author))
    }
    add(
      Operation(
        .delete, "/api/v1/retention/{id}", .needs(.administer),
        "Lets a device or a channel follow the default again.",
        parameters: [
          .init(
            name: "channel", schema: .text,
            description: "The channel's key; what was said of the whole device when missing.")
        ], answer: .nothing), to: &router
    ) { request, query throws(ServiceError) in
      let channel = try query.text("channel", bytesMax: Channel.keyBytesMax)
      try query.finish()
      try await node.resetRetention(
        request.part("id"), channel: channel, author: request.author)
      return .noContent
    }
  }
}
