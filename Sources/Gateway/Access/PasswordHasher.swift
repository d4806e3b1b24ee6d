internal import Reactor
internal import Sync

/// Hashes and verifies passwords, one at a time, on a thread of its own that is made when it is
/// first needed: neither the loop nor the database waits for it.
@Loop final class PasswordHasher {
  /// Passwords that wait or are at work; beyond, people are asked to come back.
  static let waitingMax = 8

  private var worker: Worker?
  private var waiting = 0

  nonisolated init() {}

  /// Why nothing was hashed.
  enum Failure: Error {
    /// Too many wait.
    case busy
    /// There is no memory.
    case noMemory
  }

  func make(_ password: String, salt: [UInt8]) async throws(Failure) -> [UInt8] {
    let worker = try enter()
    defer { waiting -= 1 }
    guard let hash = await worker.make(password, salt: salt) else { throw .noMemory }
    return hash
  }

  func verify(_ password: String, _ hash: [UInt8]) async throws(Failure) -> Bool {
    let worker = try enter()
    defer { waiting -= 1 }
    return await worker.verify(password, hash)
  }

  private func enter() throws(Failure) -> Worker {
    guard waiting < Self.waitingMax else { throw .busy }
    waiting += 1
    if let worker { return worker }
    let made = Worker()
    worker = made
    return made
  }

  private actor Worker {
    private let executor = ThreadExecutor(name: "passwords")

    nonisolated var unownedExecutor: UnownedSerialExecutor {
      unsafe executor.asUnownedSerialExecutor()
    }

    func make(_ password: String, salt: [UInt8]) -> [UInt8]? {
      PasswordHash.make(password, salt: salt)
    }

    func verify(_ password: String, _ hash: [UInt8]) -> Bool {
      PasswordHash.verify(password, hash)
    }
  }
}
