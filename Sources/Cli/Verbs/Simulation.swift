internal import Boards
internal import Model
internal import Reactor
internal import Web

/// `simulate`: boards played on pseudo-terminals, handed to the daemon over its socket.
///
/// The boards keep their readings while the daemon is away, as real ones do, and are handed over
/// again when it is back. They vanish when this program ends: their lines hang up.
@Loop final class Simulation {
  private struct Played {
    let name: String
    let board: SimulatedBoard
  }

  private let conversation: Conversation
  private let kind: BoardKind
  private let count: Int
  private let label: String
  private var boards: [Played] = []
  private var line: HandOver?
  private var isOver = false

  init(_ conversation: Conversation) throws(Failure) {
    self.conversation = conversation
    let arguments = conversation.arguments
    try arguments.expect(positionals: 1...1, form: "simulate KIND")
    let word = arguments.positionals[0]
    guard let kind = BoardKind(rawValue: word) else {
      throw .usage(.unknownBoard(word, BoardKind.allCases.map(\.rawValue)), verb: "simulate")
    }
    self.kind = kind
    count = try arguments.count("count", max: CliLimits.boardsMax) ?? 1
    label = arguments["label"] ?? kind.rawValue
  }

  func run() async throws(Failure) -> ExitCode {
    conversation.onInterrupt = { [weak self] in
      self?.end()
      return true
    }
    // The daemon first: without one there is nobody to play for.
    var connection: HandOver? = HandOver(try await conversation.daemon.boards())
    try play()
    while !isOver {
      do {
        let next: HandOver
        if let ready = connection {
          next = ready
          connection = nil
        } else {
          next = HandOver(try await conversation.daemon.boards())
          say(.daemonBack)
        }
        try await serve(next)
        if !isOver { say(.daemonAway) }
      } catch {
        guard error.code == .noDaemon || error.code == .failure, !(error.isRefusal) else {
          throw error
        }
      }
      if !isOver { await Pause.wait(us: Int64(CliLimits.reconnectMs) * 1_000) }
    }
    sum()
    return .success
  }

  private func end() {
    isOver = true
    line?.end()
  }

  private func play() throws(Failure) {
    let civil = CivilTime(secondsSince1970: Clock.wallUs() / 1_000_000, inUtc: false)
    let seconds = civil.map { Int($0.hour) * 3_600 + Int($0.minute) * 60 + Int($0.second) } ?? 0
    do {
      for number in 1...count {
        let board = try SimulatedBoard(
          kind: kind, seed: try System.randomNumber(), secondsOfDay: seconds)
        let name = count == 1 ? label : "\(label)-\(number)"
        board.onEvent = { [weak self] event in self?.tell(name, event) }
        boards.append(Played(name: name, board: board))
      }
    } catch {
      throw Failure(.failure, .noTerminal(error.description))
    }
  }

  /// Hands every board over, then stays until the daemon goes away or the person ends it.
  private func serve(_ line: HandOver) async throws(Failure) {
    self.line = line
    defer { self.line = nil }
    for played in boards {
      let answer: HandOver.Answer
      do {
        answer = try await line.give(try played.board.openLine(), label: played.name)
      } catch {
        throw Failure(.failure, .connectionLost)
      }
      if let problem = answer.problem {
        var failure = problem.failure(status: 400)
        failure.isRefusal = true
        throw failure
      }
      say(.boardHandedOver(played.name, answer.port ?? "?"), board: played.name, port: answer.port)
    }
    if !isOver { await line.untilClosed() }
  }

  // MARK: Saying

  private struct Line: Encodable {
    var board: String?
    var event: String
    var port: String?
    var id: String?
    var command: String?
    var argument: String?
  }

  private func say(_ message: Message, board: String? = nil, port: String? = nil) {
    if conversation.settings.isJson {
      guard let board, let port else { return }
      put(Line(board: board, event: "handed-over", port: port))
    } else {
      conversation.write(message)
    }
  }

  private func put(_ line: Line) {
    do {
      try conversation.output.write(json: line)
    } catch {
      Cli.report(error, conversation.settings, conversation.output)
    }
  }

  private func tell(_ name: String, _ event: BoardEvent) {
    guard !isOver else { return }
    if conversation.settings.isJson {
      var line = Line(board: name, event: "")
      switch event {
      case .attached(let isAttached): line.event = isAttached ? "attached" : "detached"
      case .provisioned(let id):
        line.event = "provisioned"
        line.id = Self.text(id)
      case .command(let command, let argument):
        line.event = "command"
        (line.command, line.argument) = (command, argument)
      case .leaseLapsed(let command):
        line.event = "lease-lapsed"
        line.command = command
      case .resetToBoot: line.event = "reset-to-boot"
      }
      return put(line)
    }
    let message: Message =
      switch event {
      case .attached(true): .boardAttached
      case .attached(false): .boardDetached
      case .provisioned(let id): .boardProvisioned(Self.text(id))
      case .command(let command, let argument): .boardCommanded(command + " " + argument)
      case .leaseLapsed(let command): .boardLeaseLapsed(command)
      case .resetToBoot: .boardReset
      }
    conversation.write(.labelled(name, message))
  }

  /// The id as the daemon shows it: a simulated board's bytes, the lowest first on the wire.
  private static func text(_ id: UInt64) -> String {
    "sim-" + Hex.text((0..<8).map { UInt8(truncatingIfNeeded: id >> (8 * UInt64($0))) })
  }

  private func sum() {
    for played in boards {
      let board = played.board
      let held = board.samplesHeld
      if !conversation.settings.isJson {
        conversation.write(
          .labelled(
            played.name,
            .boardSum(
              made: board.samplesMade, dropped: board.samplesDropped, held: held,
              conversation.settings.language)))
      }
      board.close()
    }
  }
}
