internal import Api
internal import Model
internal import Sync

/// What people are told when they may not, or not now.
enum AccessProblem {
  static let wrong = ServiceError(
    status: 401, code: "login.wrong", detail: "the name or the password is not right",
    remedy: "try again; an administrator can set another password")

  static func tooMany(_ seconds: Int64) -> ServiceError {
    ServiceError(
      status: 429, code: "login.too-many", parameters: ["seconds": "\(seconds)"],
      detail: "too many attempts failed", remedy: "try again in \(seconds) s")
  }

  static let busy = ServiceError(
    status: 503, code: "login.busy", parameters: ["seconds": "2"],
    detail: "too many passwords are being looked at", remedy: "try again in a moment")

  static let claimFirst = ServiceError(
    status: 409, code: "claim.first", detail: "nobody is an administrator here yet",
    remedy: "enter the claim code that \"bivouac run\" or \"bivouac status\" shows on the machine")

  static let claimDone = ServiceError(
    status: 409, code: "claim.done", detail: "this node has an administrator already",
    remedy: "sign in, or ask them to add you")

  static let claimWrong = ServiceError(
    status: 403, code: "claim.wrong", detail: "the claim code is not right",
    remedy: "\"bivouac status\" on the machine shows it; it is another one at every start")

  static let noSession = ServiceError(
    status: 409, code: "session.none", detail: "only somebody who has signed in has a password",
    remedy: "\"bivouac user password NAME\" sets another one")

  static let oldWrong = ServiceError(
    status: 403, code: "password.wrong", detail: "the present password is not right",
    remedy: "try again; an administrator can set another one")

  static func refused(_ fault: PasswordHash.Fault) -> ServiceError {
    let detail =
      switch fault {
      case .short: "the password is shorter than \(Limits.passwordBytes.lowerBound) bytes"
      case .long: "the password is longer than \(Limits.passwordBytes.upperBound) bytes"
      case .control: "the password holds a control character"
      }
    return ServiceError(
      status: 400, code: "password.refused", parameters: ["reason": fault.rawValue],
      detail: detail, remedy: "choose another; several words are good")
  }

  static func refused(_ fault: UserName.Fault, _ code: String = "user.refused") -> ServiceError {
    let detail =
      switch fault {
      case .empty: "there is no name"
      case .long: "the name is longer than \(UserName.bytesMax) bytes"
      case .characters: "the name holds what cannot be shown on one line, or a space at its ends"
      }
    return ServiceError(
      status: 400, code: code, parameters: ["reason": fault.rawValue], detail: detail,
      remedy: "choose another name")
  }

  static let nothingPermitted = ServiceError(
    status: 400, code: "token.refused", parameters: ["reason": "permissions"],
    detail: "a token must be able to do something", remedy: "give it a permission")

  static func exists(_ name: String) -> ServiceError {
    ServiceError(
      status: 409, code: "user.exists", parameters: ["user": name],
      detail: "somebody is called \(name) already", remedy: "choose another name")
  }

  static func noUser(_ name: String) -> ServiceError {
    ServiceError(
      status: 404, code: "user.not-found", parameters: ["user": name],
      detail: "nobody is called \(name)", remedy: "\"bivouac user list\" lists them")
  }

  static func noToken(_ id: String) -> ServiceError {
    ServiceError(
      status: 404, code: "token.not-found", parameters: ["token": id],
      detail: "no token has the id \(id)", remedy: "\"bivouac token list\" lists them")
  }

  static func lastAdmin(_ name: String) -> ServiceError {
    ServiceError(
      status: 409, code: "user.last-admin", parameters: ["user": name],
      detail: "\(name) is the only administrator, and stays one",
      remedy: "make somebody else an administrator first; \"bivouac user\" on the machine can")
  }

  static let tooManyEntries = ServiceError(
    status: 409, code: "too-many", parameters: ["limit": "\(Limits.accessEntriesMax)"],
    detail: "\(Limits.accessEntriesMax) of these are kept at most",
    remedy: "take away what is no longer needed")
}
