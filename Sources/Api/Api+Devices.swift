internal import Model
internal import Reactor
internal import Web

/// The body of a change of name.
struct NameRequest: Decodable {
  var name: String?
}

/// The body of a request to open a port.
struct OpenRequest: Decodable {
  var always: Bool?
}

/// The body of an assignment of a provisional identity.
struct AssignRequest: Decodable {
  var to: String
}

/// The body of a request to forget a device: an empty object.
struct ForgetRequest: Decodable {}

extension Api {
  func addDevices(to router: inout Router) {
    let node = node
    add(
      Operation(
        .get, "/api/v1/devices", .needs(.read), "Every device that is known or plugged in.",
        answer: .json([DeviceView].self)), to: &router
    ) { _, _ in .json(node.devices()) }
    add(
      Operation(
        .get, "/api/v1/devices/{id}", .needs(.read), "One device.", answer: .json(DeviceView.self)),
      to: &router
    ) { request, _ throws(ServiceError) in .json(try node.device(request.part("id"))) }
    add(
      Operation(
        .put, "/api/v1/devices/{id}/name", .needs(.operate),
        "Gives a device a name, or takes it away with null.",
        body: NameRequest.self, answer: .json(DeviceView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let name = try Self.checkedName(try request.content(NameRequest.self).name)
      return .json(try await node.rename(request.part("id"), to: name, author: request.author))
    }
    add(
      Operation(
        .post, "/api/v1/devices/{id}/open", .needs(.operate),
        "Opens a port that was found at the start; some boards reset when that happens.",
        body: OpenRequest.self, answer: .json(DeviceView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let always = try request.content(OpenRequest.self).always ?? false
      return .json(
        try await node.open(request.part("id"), always: always, author: request.author))
    }
    addIdentities(to: &router)
  }

  private func addIdentities(to router: inout Router) {
    let node = node
    add(
      Operation(
        .post, "/api/v1/devices/{id}/forget", .needs(.administer),
        "Forgets what was remembered of a device; its readings stay.", body: ForgetRequest.self,
        answer: .nothing), to: &router
    ) { request, _ throws(ServiceError) in
      try await node.forget(request.part("id"), author: request.author)
      return .noContent
    }
    add(
      Operation(
        .post, "/api/v1/devices/{id}/assign", .needs(.administer),
        "Files a provisional identity's readings, past and to come, under another device.",
        body: AssignRequest.self, answer: .json(DeviceView.self)), to: &router
    ) { request, _ throws(ServiceError) in
      let target = try request.content(AssignRequest.self).to
      guard !target.isEmpty, target.utf8.count <= ApiLimits.textBytesMax else {
        throw .badParameter("to", "it is empty or too long")
      }
      return .json(
        try await node.assign(request.part("id"), to: target, author: request.author))
    }
  }

  /// A name that can be shown on one line and typed; nil to take the name away.
  static func checkedName(_ name: String?) throws(ServiceError) -> String? {
    guard let name else { return nil }
    guard !name.isEmpty, name.utf8.count <= ApiLimits.nameBytesMax else {
      throw .badParameter("name", "a name has 1 to \(ApiLimits.nameBytesMax) bytes")
    }
    let isPlain = name.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator: false
      default: true
      }
    }
    guard isPlain, name.first != " ", name.last != " " else {
      throw .badParameter("name", "a name has no control characters, and no space at its ends")
    }
    return name
  }
}
