internal import Api
internal import Devices
internal import Model
internal import Storage

/// Puts refusals and faults into the form that the API shows and the command line translates.
enum Problems {
  /// Why a port cannot be used.
  static func view(_ error: PortError) -> ProblemView {
    let node = error.devnode
    switch error.cause {
    case .permissionDenied:
      return ProblemView(
        code: "port.permission", parameters: ["node": node, "group": error.group],
        detail: "\(node) may not be opened by this user: join the group \(error.group), then log in"
          + " again or restart the daemon")
    case .held:
      let holder = error.holders.first
      let name = holder?.name ?? ""
      let processId = holder.map { "\($0.processId)" } ?? ""
      let who = holder == nil ? "another program" : "\(name) (process \(processId))"
      return ProblemView(
        code: "port.held", parameters: ["node": node, "holder": name, "pid": processId],
        detail: "\(node) is held by \(who): stop it, and the port is opened by itself")
    case .noSuchPort:
      return ProblemView(
        code: "port.missing", parameters: ["node": node],
        detail: "\(node) does not exist: plug the device in again")
    case .vanished:
      return ProblemView(
        code: "port.vanished", parameters: ["node": node],
        detail: "\(node) went away: the device was unplugged, or lost its power")
    case .notATerminal:
      return ProblemView(
        code: "port.not-a-terminal", parameters: ["node": node],
        detail: "\(node) is not a serial line")
    case .tooManyFiles:
      return ProblemView(
        code: "port.too-many-files", parameters: ["node": node],
        detail: "this process may not open more files: raise LimitNOFILE")
    case .system:
      return ProblemView(
        code: "port.failed", parameters: ["node": node, "errno": "\(error.code)"],
        detail: "\(node) cannot be used (error \(error.code)): plug it in again, and look at dmesg")
    }
  }

  /// Another process reads the same line.
  static func shared(_ node: String, _ holder: PortHolder) -> ProblemView {
    ProblemView(
      code: "port.shared",
      parameters: ["node": node, "holder": holder.name, "pid": "\(holder.processId)"],
      detail: "\(holder.name) (process \(holder.processId)) has \(node) open too and takes part of"
        + " what the board says: stop it; nothing is lost, but everything is slow")
  }

  /// A question as the API shows it.
  static func view(_ question: Question) -> QuestionView {
    let device = question.meanwhile?.text ?? question.port
    func make(
      _ kind: String, _ parameters: [String: String], _ answers: [String], _ text: String
    ) -> QuestionView {
      var all = parameters
      all["port"] = question.port
      return QuestionView(
        id: question.id.text, kind: kind, device: device, parameters: all, answers: answers,
        text: text)
    }
    switch question.subject {
    case .whatIsThis:
      return make(
        "what-is-this", [:], ["companion", "text", "printer", "ignored"],
        "\(question.port) says nothing: what is it?")
    case .sameIdentityTwice(let identity):
      return make(
        "same-identity", ["identity": identity.text], ["same", "another"],
        "two devices say that they are \(identity.text): is this one the same, or another?")
    case .sharedSerial:
      return make(
        "same-identity", [:], ["another"],
        "the serial number of \(question.port) is one that many devices share: a new device?")
    case .moved(let from):
      return make(
        "moved", ["identity": from.text], ["same", "another"],
        "a device like \(from.text) was in another socket: has it moved here?")
    case .changedBehaviour(let identity, let was, let now):
      return make(
        "changed", ["identity": identity.text, "was": was, "now": now], ["same", "another"],
        "\(identity.text) was \(was) and now says it is \(now): is it still the same?")
    case .newMemory(let old, let now):
      return make(
        "same-board-new-memory", ["identity": old.text, "now": now.text], ["same", "another"],
        "this board lost its memory and looks like \(old.text): is it that one?")
    }
  }

  /// The registry's answer to what a person typed; nil when it is none.
  static func answer(_ text: String, to question: Question) -> Answer? {
    switch text {
    case "another": return .another
    case "same":
      switch question.subject {
      case .sameIdentityTwice(let identity), .moved(let identity),
        .changedBehaviour(let identity, _, _), .newMemory(let identity, _):
        return .same(as: identity)
      case .whatIsThis, .sharedSerial: return nil
      }
    default:
      if let kind = DeviceKind(rawValue: text), kind != .unknown { return .kind(kind) }
      return DeviceIdentity(text: text).map { .same(as: $0) }
    }
  }

  /// Why something could not be written.
  static func service(_ error: DatabaseError) -> ServiceError {
    ServiceError(
      status: 507, code: code(error), parameters: parameters(error), detail: cause(error),
      remedy: error.remedy)
  }

  /// The same, for the status and the log.
  static func view(_ error: DatabaseError) -> ProblemView {
    ProblemView(
      code: code(error), parameters: parameters(error),
      detail: "\(cause(error)): \(error.remedy)")
  }

  /// What is destroyed is named: table, rows, and how.
  private static func cause(_ error: DatabaseError) -> String {
    let isNamed = error.kind == .damaged && !error.message.isEmpty
    return isNamed ? "\(error.cause) (\(error.message))" : error.cause
  }

  /// Something stored is not as it was written, and the rest is.
  static func altered(_ first: Damage, count: Int, found: String, path: String) -> ProblemView {
    ProblemView(
      code: "storage.altered",
      parameters: ["path": path, "count": "\(count)", "what": "\(first)", "found": found],
      detail: "the disk has altered or lost \(count) of what is stored in \(path), first:"
        + " \(first): queries that meet it say so, recording goes on; save a copy of the state"
        + " folder, look at dmesg, and replace the disk or card")
  }

  /// What was wrong could be made anew.
  static func rebuilt(_ path: String) -> ProblemView {
    ProblemView(
      code: "storage.rebuilt", parameters: ["path": path],
      detail:
        "the disk had altered the tables cursor or device of \(path); they were made anew from"
        + " the commits, nothing is lost: look at dmesg, the disk or card may be failing")
  }

  private static func parameters(_ error: DatabaseError) -> [String: String] {
    var parameters = ["path": error.path]
    if error.kind == .damaged, !error.message.isEmpty { parameters["what"] = error.message }
    if case .newer(let found, _) = error.kind { parameters["version"] = "\(found)" }
    if case .locked(let processId?) = error.kind { parameters["pid"] = "\(processId)" }
    return parameters
  }

  static func code(_ error: DatabaseError) -> String {
    switch error.kind {
    case .full: return "storage.full"
    case .inputOutput: return "storage.input-output"
    case .cannotOpen: return "storage.cannot-open"
    case .busy: return "storage.busy"
    case .notOurs: return "storage.not-ours"
    case .otherNode: return "storage.other-node"
    case .key: return "storage.key"
    case .closed, .cancelled, .other: return "storage.failed"
    case .readOnly: return "storage.readonly"
    case .damaged: return "storage.damaged"
    case .newer: return "storage.newer"
    case .locked: return "storage.locked"
    }
  }

  /// Why the registry did not do what a person asked.
  static func service(_ refusal: DeviceRegistry.Refusal) -> ServiceError {
    func make(
      _ status: Int, _ code: String, _ subject: String, _ detail: String, _ remedy: String
    ) -> ServiceError {
      ServiceError(
        status: status, code: code, parameters: ["device": subject], detail: detail,
        remedy: remedy)
    }
    switch refusal {
    case .unknownQuestion(let id):
      return make(
        404, "not-found", id.text, "no open question has the id \(id)",
        "bivouac questions lists them")
    case .unknownDevice(let identity):
      return make(
        404, "not-found", identity.text, "nothing is remembered of \(identity.text)",
        "bivouac devices lists what is")
    case .unknownPort(let syspath):
      return make(404, "not-found", syspath, "\(syspath) is gone", "plug it in again")
    case .answerDoesNotFit:
      return make(
        422, "bad-argument", "answer", "this answer does not fit the question",
        "the question lists its answers")
    case .nameTaken(let other):
      return make(
        409, "name-taken", other.text, "\(other.text) has this name already",
        "choose another name")
    case .nameNotPossible:
      return make(
        422, "bad-argument", "name", "a name has at most 64 bytes and no control characters",
        "choose another name")
    case .deviceIsLive(let identity):
      return make(
        409, "device-is-live", identity.text, "\(identity.text) is plugged in elsewhere",
        "unplug it there first, or answer \"another\"")
    case .notAssignable(let identity):
      return make(
        422, "bad-argument", "device", "\(identity.text) cannot be assigned",
        "only a provisional identity can, to a device that is known")
    }
  }
}
