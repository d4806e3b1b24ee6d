internal import Model
internal import Reactor
internal import Web

extension Api {
  private struct NameBody: Decodable { var name: String? }
  private struct OpenBody: Decodable { var always: Bool? }
  private struct AssignBody: Decodable { var to: String }

  func addDevices(to router: inout Router) {
    let node = node
    router.get("/api/v1/devices") { request in
      await Self.answer(request) { query throws(ServiceError) in
        try query.finish()
        return .json(node.devices())
      }
    }
    router.get("/api/v1/devices/{id}") { request in
      await Self.answer(request) { query throws(ServiceError) in
        try query.finish()
        return .json(try node.device(request.part("id")))
      }
    }
    router.put("/api/v1/devices/{id}/name") { request in
      await Self.answer(request) { query throws(ServiceError) in
        try query.finish()
        let name = try Self.checkedName(try request.content(NameBody.self).name)
        return .json(
          try await node.rename(request.part("id"), to: name, author: request.author))
      }
    }
    router.post("/api/v1/devices/{id}/open") { request in
      await Self.answer(request) { query throws(ServiceError) in
        try query.finish()
        let always = try request.content(OpenBody.self).always ?? false
        return .json(
          try await node.open(request.part("id"), always: always, author: request.author))
      }
    }
    router.post("/api/v1/devices/{id}/forget") { request in
      await Self.answer(request) { query throws(ServiceError) in
        try query.finish()
        try await node.forget(request.part("id"), author: request.author)
        return .noContent
      }
    }
    router.post("/api/v1/devices/{id}/assign") { request in
      await Self.answer(request) { query throws(ServiceError) in
        try query.finish()
        let target = try request.content(AssignBody.self).to
        guard !target.isEmpty, target.utf8.count <= ApiLimits.textBytesMax else {
          throw .badParameter("to", "it is empty or too long")
        }
        return .json(
          try await node.assign(request.part("id"), to: target, author: request.author))
      }
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
