internal import Model
internal import Reactor
internal import Web

/// One connection over which a program hands over the boards that it plays.
///
/// For each board the client sends one line of JSON, `{"label":"greenhouse"}`, whose first byte
/// carries the descriptor of the slave side of its pty. The answer is a line:
/// `{"port":"..."}` or `{"problem":{...}}`. The boards live as long as the client holds their
/// masters; this connection only tells that it is still there.
@Loop final class BoardIntake {
  private struct Line: Decodable { var label: String? }
  private struct Answer: Encodable {
    var port: String?
    var problem: ApiProblem?
  }

  private let node: any NodeService
  private var descriptors = DescriptorQueue()
  private var line: [UInt8] = []
  private var boards = 0
  private var registration: Registration?
  private var done: CheckedContinuation<Void, Never>?
  private var isOver = false

  init(_ node: any NodeService) { self.node = node }

  /// Serves until the client closes, breaks the rules, or the server stops.
  func serve(_ connection: consuming UpgradedConnection) async {
    // What came before the answer cannot have carried descriptors: it is no board.
    guard connection.extra.isEmpty else { return }
    let raw = connection.socket.raw
    do {
      registration = try Registration(raw: raw, interest: .read) { [weak self] _ in
        self?.receive(raw)
      }
    } catch {
      return  // the loop's table is full: the client sees the connection close
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if isOver { continuation.resume() } else { done = continuation }
      }
    } onCancel: {
      Task { @Loop in self.end() }
    }
    registration?.cancel()
    registration = nil
    // The socket is open to this point, and no longer.
    withExtendedLifetime(connection) {}
  }

  private func end() {
    isOver = true
    registration?.cancel()
    done?.resume()
    done = nil
  }

  private func receive(_ raw: Int32) {
    do {
      guard var message = try System.receive(raw, bytesMax: ApiLimits.boardLineBytesMax) else {
        return
      }
      guard !message.bytes.isEmpty, !message.isTruncated else { return end() }
      while let descriptor = message.descriptors.next() { descriptors.append(descriptor) }
      guard descriptors.count <= ApiLimits.boardDescriptorsWaitingMax else { return end() }
      for byte in message.bytes {
        if byte == UInt8(ascii: "\n") {
          guard answer(raw) else { return end() }
          line = []
        } else {
          guard line.count < ApiLimits.boardLineBytesMax else { return end() }
          line.append(byte)
        }
      }
    } catch {
      end()  // the client is gone
    }
  }

  /// Takes the board of the line that just ended; false when the client does not take the answer.
  private func answer(_ raw: Int32) -> Bool {
    var answer = Answer()
    do {
      answer.port = try adopt()
    } catch {
      answer.problem = ApiProblem(error)
    }
    do {
      let bytes = try JSON.encode(answer) + [UInt8(ascii: "\n")]
      // One short line for each line sent: a client that does not read them is not waited for.
      return try System.write(raw, from: bytes) == .count(bytes.count)
    } catch {
      return false
    }
  }

  private func adopt() throws(ServiceError) -> String {
    guard let terminal = descriptors.next() else {
      throw ServiceError(
        status: 400, code: "simulation.no-descriptor",
        detail: "the line came without the descriptor of a pty",
        remedy: "pass the slave side by SCM_RIGHTS with the first byte of the line")
    }
    guard boards < ApiLimits.boardsPerConnectionMax else {
      throw ServiceError(
        status: 429, code: "simulation.too-many",
        detail: "one connection hands over at most \(ApiLimits.boardsPerConnectionMax) boards",
        remedy: "use another connection")
    }
    let label: String
    do {
      label = try JSON.decode(Line.self, from: line).label ?? ""
    } catch {
      throw .badParameter("label", error.description)
    }
    let port = try node.adoptSimulated(
      terminal, label: try Api.checkedName(label.isEmpty ? nil : label) ?? "")
    boards += 1
    return port
  }
}

/// Descriptors in the order they came; those nobody takes are closed with it.
private struct DescriptorQueue: ~Copyable {
  private var raws: [Int32] = []

  var count: Int { raws.count }

  mutating func append(_ descriptor: consuming Descriptor) { raws.append(descriptor.release()) }

  mutating func next() -> Descriptor? {
    raws.isEmpty ? nil : Descriptor(adopting: raws.removeFirst())
  }

  deinit { _ = DescriptorBag(adopting: raws) }
}
