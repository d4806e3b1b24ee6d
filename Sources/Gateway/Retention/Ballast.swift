internal import Model
internal import Reactor
internal import Storage

/// The ballast of one state folder: made while there is room, given when there is none.
@Loop final class Ballast {
  private enum State: String {
    case off
    case held
    case released
    case missing
  }

  private let path: String
  private let wantedBytes: Int64
  private let log: Log
  /// Its thread may wait for a disk, which the loop may not.
  private let retainer: Retainer
  private var state: State
  private var bytes: Int64
  private var releases: Int64 = 0
  /// Why it could not be made; said again only when it is another reason.
  private var refusal: Errno?
  /// Not tried again before, in µs of CLOCK_BOOTTIME: longer each time, up to an hour.
  private var retryUs: Int64 = 0
  private var waitUs = Ballast.waitMinUs
  private static let waitMinUs: Int64 = 60_000_000, waitMaxUs: Int64 = 3_600_000_000

  init(folder: String, wantedBytes: Int64, retainer: Retainer, log: Log) {
    self.retainer = retainer
    path = BallastFile.path(in: folder)
    self.wantedBytes = wantedBytes
    self.log = log
    let heldBytes = BallastFile.bytesHeld(path)
    state = wantedBytes > 0 ? (heldBytes > 0 ? .held : .missing) : .off
    bytes = heldBytes > 0 ? heldBytes : wantedBytes
  }

  /// Gives the room back; whether there was any to give: also one of an earlier configuration.
  func release() async -> Bool {
    let path = path
    let result = await retainer.perform {
      Result { () throws(Errno) in try BallastFile.release(path) }
    }
    switch result {
    case .success(let isReleased):
      guard isReleased else { return false }
      if state != .off { state = .released }
      releases += 1
      log.write(.warning, "ballast.released", ["bytes": "\(bytes)"])
      return true
    case .failure(let error):
      log.write(.error, "ballast.failed", ["cause": "\(error)"])
      return false
    }
  }

  /// Makes it where it is missing and there is room, on a disk of so many bytes; one that is there
  /// at another size than wanted now is made anew. One that could not be made is tried again at
  /// growing intervals; `nowUs` is of CLOCK_BOOTTIME.
  func restore(diskBytes: Int64, freeBytes: Int64, nowUs: Int64) async {
    let path = path
    let wanted = RoomJudge.ballastBytes(wantedBytes, diskBytes)
    let held = await retainer.perform { BallastFile.bytesHeld(path) }
    if state == .off {
      // The configuration wants none any more.
      if held > 0 {
        _ = await retainer.perform {
          Result { () throws(Errno) in try BallastFile.release(path) }
        }
      }
      return
    }
    bytes = wanted
    guard held != wanted else {
      state = wanted > 0 ? .held : .missing
      return
    }
    if state == .held { state = .missing }
    guard RoomJudge.hasRoom(forBallast: wanted, freeBytes + held), nowUs >= retryUs
    else { return }
    let result = await retainer.perform {
      Result { () throws(Errno) in try BallastFile.make(path, bytes: wanted) }
    }
    switch result {
    case .success:
      state = .held
      (refusal, waitUs) = (nil, Self.waitMinUs)
      log.write(.info, "ballast.held", ["bytes": "\(wanted)"])
    case .failure(let error):
      retryUs = nowUs + waitUs
      waitUs = min(2 * waitUs, Self.waitMaxUs)
      guard refusal != error else { return }
      refusal = error
      log.write(.warning, "ballast.failed", ["cause": "\(error)"])
    }
  }

  /// Whether it is to be made, as soon as there is room.
  func isMissing(nowUs: Int64) -> Bool {
    (state == .released || state == .missing) && nowUs >= retryUs
  }

  /// For the status.
  var view: BallastView { BallastView(state: state.rawValue, bytes: bytes, releases: releases) }
}
