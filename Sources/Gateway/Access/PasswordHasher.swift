internal import Reactor
internal import Sync

/// Hashes and verifies passwords, one at a time, each in a process of its own.
///
/// The thread that waits for that process is made when it is first needed: neither the loop nor the
/// database waits, nor shares its memory with the 32 MiB of a hash (ADR 0013).
@Loop final class PasswordHasher {
  /// Passwords that wait or are at work; beyond, people are asked to come back.
  static let waitingMax = 8
  /// How long one may take: many times what the slowest board that we know needs.
  nonisolated static let timeoutMs: Int64 = 20_000

  private let program: String
  private var worker: Worker?
  private var waiting = 0

  /// - Parameter program: The executable that has `PasswordProgram`; our own, also when a newer one
  ///   has taken its place on the disk.
  nonisolated init(program: String = "/proc/self/exe") {
    self.program = program
  }

  /// Why nothing was hashed.
  enum Failure: Error, Hashable {
    /// Too many wait.
    case busy
    /// The process could not be made, or did not end well: memory is short, most of all.
    case failed(String)
  }

  func make(_ password: String, salt: [UInt8]) async throws(Failure) -> [UInt8] {
    let answer = try await answer(to: .make(password: password, salt: salt))
    guard let hash = PasswordWork.hash(answer) else { throw .failed("no hash came") }
    return hash
  }

  func verify(_ password: String, _ hash: [UInt8]) async throws(Failure) -> Bool {
    let answer = try await answer(to: .verify(password: password, hash: hash))
    guard let verdict = PasswordWork.verdict(answer) else { throw .failed("no verdict came") }
    return verdict
  }

  private func answer(to work: PasswordWork) async throws(Failure) -> [UInt8] {
    // What is longer than any password was never hashed.
    guard let question = work.encoded() else { return PasswordWork.no }
    guard waiting < Self.waitingMax else { throw .busy }
    waiting += 1
    defer { waiting -= 1 }
    let worker = worker ?? Worker(program: program)
    self.worker = worker
    switch await worker.answer(to: question) {
    case .success(let answer): return answer
    case .failure(let error): throw .failed(error.description)
    }
  }

  private actor Worker {
    private let executor = ThreadExecutor(name: "passwords")
    private let program: String

    init(program: String) {
      self.program = program
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor {
      unsafe executor.asUnownedSerialExecutor()
    }

    func answer(to question: [UInt8]) -> Result<[UInt8], Errno> {
      do throws(Errno) {
        return .success(
          try System.run(
            program, [PasswordProgram.word], input: question,
            outputBytesMax: PasswordWork.answerBytesMax, timeoutMs: PasswordHasher.timeoutMs))
      } catch {
        return .failure(error)
      }
    }
  }
}
