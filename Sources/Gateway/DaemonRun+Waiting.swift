internal import Api
internal import CSystemd
internal import Model
internal import Reactor
internal import Storage
internal import Web

/// What the daemon does when there is no room on the disk for it to begin.
///
/// It stays, says so, and begins by itself when there is room: whoever frees the disk need not also
/// remember the daemon, and nothing of what it watches over gets harmed meanwhile.
extension DaemonRun {
  /// Between two attempts, in microseconds.
  static let attemptIntervalUs: Int64 = 1_000_000

  /// Works until it succeeds, fails for another reason than want of room, or the daemon is ended.
  func whenThereIsRoom<Result: Sendable>(
    _ work: @Loop () async throws(StartFailure) -> Result
  ) async throws(StartFailure) -> Result {
    while true {
      do throws(StartFailure) {
        let result = try await work()
        await endWaiting()
        return result
      } catch {
        guard error.problem.code == "storage.full", !isStopping else { throw error }
        if await releaseBallast() { continue }
        beginWaiting(error.problem)
        await untilNextAttempt()
        guard !isStopping else { throw error }
      }
    }
  }

  /// Gives the ballast, when there is one, so that there is room to begin.
  private func releaseBallast() async -> Bool {
    let path = BallastFile.path(in: setup.stateFolder)
    let result = await Task.detached {
      Result { () throws(Errno) in try BallastFile.release(path) }
    }.value
    guard case .success(true) = result else { return false }
    log.write(.warning, "ballast.released", ["bytes": "all"])
    return true
  }

  private func untilNextAttempt() async {
    await withCheckedContinuation { continuation in
      let timer = LoopTimer { [weak self] in self?.attemptAgain() }
      attempt = (timer, continuation)
      timer.arm(afterUs: Self.attemptIntervalUs)
    }
  }

  /// The next attempt comes now: the time is over, or the daemon is ended.
  func attemptAgain() {
    let waiting = attempt
    attempt = nil
    waiting?.continuation.resume()
  }

  private func beginWaiting(_ problem: ProblemView) {
    let text = "STATUS=\(problem.detail)\nEXTEND_TIMEOUT_USEC=30000000"
    _ = unsafe sd_notify(0, text)
    guard !isWaiting else { return }
    isWaiting = true
    log.write(.error, "start.waiting", ["code": problem.code, "detail": problem.detail])
    var router = Router()
    let refusal = ServiceError(
      status: 507, code: problem.code, parameters: problem.parameters, detail: problem.detail,
      remedy: "free some space; the daemon goes on by itself")
    Api.refuseEverything(refusal, in: &router)
    let server = HTTPServer(router)
    do {
      try server.start(try Listener(unix: socketPath, mode: 0o660))
      self.server = server
    } catch {
      // Where the socket lies there may be no room either: the log has said it all.
      log.write(.warning, "start.waiting.unheard", ["cause": "\(error)"])
    }
  }

  private func endWaiting() async {
    guard isWaiting else { return }
    isWaiting = false
    await server?.stop()
    server = nil
    log.write(.notice, "start.room")
  }
}
