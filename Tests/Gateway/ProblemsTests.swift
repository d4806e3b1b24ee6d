import Api
import Model
import Testing

@testable import Cli
@testable import Devices
@testable import Gateway
@testable import Storage

@Suite("Problems") struct ProblemsTests {
  private func expectKnown(_ code: String, _ detail: String) {
    #expect(Message.isTranslated(code), "\(code) has no French sentence")
    #expect(!detail.isEmpty)
  }

  @Test("every cause of a failed port has a sentence in both languages")
  func ports() {
    for cause in PortError.Cause.allCases {
      let error = PortError(cause: cause, devnode: "/dev/ttyUSB0", code: 5, group: "dialout")
      let view = Problems.view(error)
      expectKnown(view.code, view.detail)
    }
    let holder = PortHolder(processId: 7, name: "screen")
    expectKnown(Problems.shared("/dev/ttyUSB0", holder).code, "x")
  }

  @Test("every trouble of the database has a sentence in both languages, with cause and remedy")
  func database() {
    let kinds: [DatabaseError.Kind] = [
      .full, .inputOutput, .readOnly, .damaged, .notOurs, .newer(found: 9, known: 1),
      .locked(processId: 3), .locked(processId: nil), .busy, .otherNode, .key, .cannotOpen,
      .closed, .other,
    ]
    for kind in kinds {
      let error = DatabaseError(kind, path: "state/bivouac.db")
      let view = Problems.view(error)
      expectKnown(view.code, view.detail)
      #expect(view.detail.contains(error.cause) && view.detail.contains(error.remedy))
      let service = Problems.service(error)
      #expect(service.status == 507 && service.code == view.code)
    }
  }

  @Test("every refusal of the registry has a sentence in both languages") func refusals() throws {
    let board = try #require(DeviceIdentity(kind: .companion, bytes: Array(1...8)))
    let id = QuestionId(text: "q")
    let refusals: [DeviceRegistry.Refusal] = [
      .unknownQuestion(id), .unknownDevice(board), .unknownPort(syspath: "x"),
      .answerDoesNotFit(id), .nameTaken(by: board), .nameNotPossible, .deviceIsLive(board),
      .notAssignable(board),
    ]
    for refusal in refusals {
      let error = Problems.service(refusal)
      expectKnown(error.code, error.detail)
      #expect((400..<500).contains(error.status))
    }
  }

  @Test(
    "what the node says of devices and disks is known too",
    arguments: [
      "port.left-alone", "port.speed", "samples.rejected", "storage.unapplied", "storage.unsaved",
      "storage.altered", "storage.rebuilt", "series.limit", "devices.limit",
      "present-not-opened", "descriptor.invalid", "identity.storage", "link.version", "clone",
    ])
  func others(code: String) { expectKnown(code, code) }

  @Test("a code that nobody knows is seen to be unknown") func unknown() {
    #expect(!Message.isTranslated("no.such-code"))
  }
}
