internal import Api
internal import Devices
internal import Model
internal import Reactor
internal import Sync
internal import Web

/// Signals that alarms switch: between the alarms, the desk of outputs and that of commands.
extension Node {
  /// Learns what earlier runs may have left on; before the recipients are taken.
  func restoreOutputs() {
    alarms.outputs.restore(desk.orders(of: nil), owner: { owner(of: $0) })
  }

  /// Looks anew at what alarms want on: one began, ended or was seen, or a recipient changed.
  func takeOutputs() {
    let recipients = outputRecipients()
    guard !recipients.isEmpty || !alarms.outputs.lines.isEmpty else { return }
    if alarms.outputTimer == nil {
      alarms.outputTimer = LoopTimer { [weak self] in self?.tickOutputs() }
    }
    let contents = recipients.map(\.content)
    perform(
      alarms.outputs.take(
        named: Set(contents.compactMap(\.output)),
        wanted: alarms.fold.sounding(
          contents, isOwn: { settings.isOwn($0.raised.record.origin) }),
        isPresent: { output in
          attachments.values.contains {
            $0.link.isAttached && $0.identity.map(owner(of:)) == output.device
          }
        },
        nowUs: Clock.bootUs()))
  }

  /// A board can take commands.
  func noteOutputs(attached identity: DeviceIdentity?) {
    guard let identity, !alarms.outputs.lines.isEmpty else { return }
    perform(alarms.outputs.attached(owner(of: identity), nowUs: Clock.bootUs()))
  }

  /// It cannot any more.
  func noteOutputs(detached identity: DeviceIdentity) {
    guard !alarms.outputs.lines.isEmpty else { return }
    perform(alarms.outputs.detached(owner(of: identity), nowUs: Clock.bootUs()))
  }

  /// It spoke of its last command.
  func noteOutputs(heard identity: DeviceIdentity) {
    guard !alarms.outputs.lines.isEmpty else { return }
    perform(alarms.outputs.heard(owner(of: identity), nowUs: Clock.bootUs()))
  }

  /// What became of a command may be what became of a signal.
  func noteOutputs(_ order: CommandOrder) {
    guard !alarms.outputs.lines.isEmpty, let outcome = Self.outcome(of: order) else { return }
    perform(alarms.outputs.ended(order.issued.id, outcome, nowUs: Clock.bootUs()))
  }

  func tickOutputs() { perform(alarms.outputs.tick(nowUs: Clock.bootUs())) }

  private func perform(_ actions: [OutputDesk.Action]) {
    for action in actions {
      switch action {
      case .set(let output, let isOn): Task { @Loop in await self.set(output, isOn: isOn) }
      case .withdraw(let id): tell(.cancelled(id))
      case .tested(let output, let reason):
        guard let test = alarms.outputTest, test.output == output else { continue }
        alarms.outputTest = nil
        test.done(reason)
      case .wake(let atUs): alarms.outputTimer?.arm(atUs: atUs)
      }
    }
  }

  /// Gives the command that switches an output, as a person would: it is on disk before it is
  /// claimed, and claimed on disk before its first byte goes out.
  private func set(_ output: AlarmOutput, isOn: Bool) async {
    do throws(ServiceError) {
      guard !isEnding, let identity = attached(output.device) else {
        throw Self.notSwitched("absent", "its device is not plugged in")
      }
      guard takesAlarms(output, identity) else {
        throw Self.notSwitched("not-a-signal", "its board does not call it a signal")
      }
      let request = CommandRequest(
        name: output.command, arguments: [isOn ? "1" : "0"], lifeMs: OutputDesk.lifeMs)
      let view = try await issue(request, to: identity, author: author(of: output))
      guard let id = Hex.bytes(view.id).flatMap(CommandId.init),
        let order = desk.order(id)
      else {
        throw Self.notSwitched("moved", "another gateway has its device")
      }
      perform(alarms.outputs.issued(output, id, nowUs: Clock.bootUs()))
      noteOutputs(order)
    } catch {
      log.write(
        .warning, "alarm.output.failed",
        ["device": output.device.text, "command": output.command, "cause": error.code])
      perform(alarms.outputs.notIssued(output, error.code, nowUs: Clock.bootUs()))
    }
  }

  private static func notSwitched(_ code: String, _ detail: String) -> ServiceError {
    ServiceError(status: 409, code: code, detail: detail, remedy: "")
  }

  private func attached(_ device: DeviceIdentity) -> DeviceIdentity? {
    attachments.values.first { $0.identity.map(owner(of:)) == device && $0.link.isAttached }?
      .identity
  }

  /// Whether the board, as it is now, lets alarms switch that.
  private func takesAlarms(_ output: AlarmOutput, _ identity: DeviceIdentity) -> Bool {
    descriptor(of: identity)?.commands.contains {
      $0.name == output.command && $0.takesAlarms
    } ?? false
  }

  /// Whom a command of an output says it is from: the recipient by name.
  private func author(of output: AlarmOutput) -> String {
    let name = outputRecipients().first { $0.content.output == output }?.content.name
    return OutputDesk.author + (name ?? output.command)
  }

  /// Recipients that are outputs, in the order of their keys.
  private func outputRecipients() -> [(key: AlarmKey, content: AlarmRecipient)] {
    recorder.registers.all(.recipient).compactMap { bytes, value in
      guard let key = AlarmKey(bytes), let content = Self.recipient(value), content.output != nil
      else { return nil }
      return (key, content)
    }
  }

  private static func outcome(of order: CommandOrder) -> OutputDesk.Outcome? {
    let reason = order.reason ?? order.state.rawValue
    switch order.state {
    case .queued, .claimed, .running: return nil
    case .acked: return .done
    case .refused, .cancelled: return .notDone(reason)
    case .failed: return .failed(reason)
    case .unknown: return .unknown
    }
  }

  // MARK: What people ask

  /// The output that a person asks for; throws unless its board says that alarms may switch it.
  func output(_ content: RecipientContent) throws(ServiceError) -> AlarmOutput {
    guard let device = content.device, let command = content.command else {
      throw AlarmText.refusal("device", "an output has a device and one of its commands")
    }
    let output = AlarmOutput(device: owner(of: try find(device)), command: command)
    guard let descriptor = descriptor(of: output.device) else {
      throw ServiceError(
        status: 409, code: "absent", parameters: ["device": output.device.text],
        detail: "\(output.device.text) has never said which commands it takes",
        remedy: "plug it in, and try again")
    }
    guard descriptor.commands.contains(where: { $0.name == command && $0.takesAlarms }) else {
      let known = descriptor.commands.filter(\.takesAlarms).map(\.name).joined(separator: ", ")
      throw ServiceError(
        status: 422, code: "output.not-a-signal",
        parameters: ["command": command, "known": known],
        detail: "\(command) is no signal of this device: alarms switch only what the board itself"
          + " says does nothing but light or sound",
        remedy: known.isEmpty ? "its firmware names none" : "it has: \(known)")
    }
    return output
  }

  /// Switches an output on for a moment, and waits for what its board says to that.
  func testOutput(_ output: AlarmOutput) async throws(ServiceError) -> Letter.Outcome {
    if let gateway = gateway(of: output.device) {
      let name = sites?.name(of: gateway) ?? "\(gateway)"
      throw ServiceError(
        status: 409, code: "output.elsewhere", parameters: ["gateway": name],
        detail: "\(name) has its device, and only that gateway switches it",
        remedy: "try it there: without a network it must work there too")
    }
    let reason: String? = await withCheckedContinuation { continuation in
      alarms.outputTest = OutputTest(output: output) { continuation.resume(returning: $0) }
      perform(alarms.outputs.test(output, nowUs: Clock.bootUs()))
    }
    guard let reason else { return Letter.Outcome(kind: .delivered, status: 0, words: "") }
    let isSilent = ["absent", "expired", "unknown", "moved"].contains(reason)
    return Letter.Outcome(kind: isSilent ? .unreached : .refused, status: 0, words: reason)
  }

  /// How it stands with an output, as `RecipientView` says it.
  func stateOfOutput(_ output: AlarmOutput) -> (word: String, line: OutputDesk.Line?) {
    let line = alarms.outputs.lines[output]
    guard let line, line.isPresent else {
      return (gateway(of: output.device) == nil ? "absent" : "elsewhere", line)
    }
    let isOn = line.isWanted || line.testUntilUs != nil
    let isSo = isOn ? line.level == true : !line.mayBeOn
    return (isSo ? isOn ? "on" : "off" : "waiting", line)
  }
}

/// A person who waits for what a board says to a test.
struct OutputTest {
  /// What is tested.
  var output: AlarmOutput
  /// With nil, it sounds.
  var done: @Loop (String?) -> Void
}
