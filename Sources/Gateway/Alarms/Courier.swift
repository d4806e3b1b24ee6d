internal import Reactor
internal import Web

/// Has letters told by processes of their own, a few at one time, and waits for them on threads
/// that are made when they are first needed.
@Loop final class Courier {
  /// How long a process may take, in ms: longer than any transfer in it.
  nonisolated static let timeoutMs = Int64(WebLimits.letterTimeoutMs) + 10_000

  private let program: String
  private var idle: [Lane] = []

  nonisolated init(program: String = "/proc/self/exe") {
    self.program = program
  }

  /// Tells a letter; callers hold to `DeliveryDesk.underWayMax`, so that there are as many lanes.
  /// `secretFile` has what its mail server asks for as proof.
  func tell(_ letter: Letter, secretFile: String?) async -> Letter.Outcome {
    let lane = idle.popLast() ?? Lane(program: program)
    defer { idle.append(lane) }
    return await lane.tell(letter, secretFile: secretFile)
  }

  private actor Lane {
    private let executor = ThreadExecutor(name: "courier")
    private let program: String

    init(program: String) {
      self.program = program
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor {
      unsafe executor.asUnownedSerialExecutor()
    }

    func tell(_ letter: Letter, secretFile: String?) -> Letter.Outcome {
      do {
        var letter = letter
        if let secretFile { letter.mail?.password = try MailSecret.read(secretFile) }
        let answer = try System.run(
          program, [DeliveryProgram.word], input: try JSON.encode(letter),
          outputBytesMax: DeliveryProgram.answerBytesMax, timeoutMs: Courier.timeoutMs)
        return try JSON.decode(Letter.Outcome.self, from: answer)
      } catch let error as MailSecret.Refusal {
        return Letter.Outcome(kind: .refused, status: 0, words: error.words)
      } catch {
        return Letter.Outcome(kind: .unreached, status: 0, words: "\(error)")
      }
    }
  }
}

/// The file with the password of a mail server: read at each use, so that it can be changed.
enum MailSecret {
  /// Longer is none.
  static let bytesMax = 1_024

  /// Why it is not used.
  struct Refusal: Error {
    var words: String
  }

  static func read(_ path: String) throws(Refusal) -> String {
    let isPrivate: Bool
    let bytes: [UInt8]
    do throws(Errno) {
      isPrivate = try System.isPrivate(path)
      bytes = isPrivate ? try System.readFile(path, bytesMax: bytesMax) : []
    } catch {
      throw Refusal(words: "\(path): \(error)")
    }
    guard isPrivate else { throw Refusal(words: "others can read \(path): chmod 600") }
    return String(decoding: bytes.prefix { $0 != 10 && $0 != 13 }, as: UTF8.self)
  }
}
