import Api
import Model
import Testing

@testable import Gateway

@Suite("Device name") struct DeviceNameTests {
  private let first: DeviceIdentity
  private let second: DeviceIdentity
  private let entries: [DeviceName.Entry]

  init() throws {
    let make = { (last: UInt8) in
      DeviceIdentity(kind: .companion, bytes: [0xAB, 0xCD, 0, 0, 0, 0, 0, last])
    }
    first = try #require(make(1))
    second = try #require(make(2))
    entries = [
      DeviceName.Entry(identity: first, name: "Serre Nord"),
      DeviceName.Entry(identity: second, name: "Serre Sud"),
    ]
  }

  private func find(_ text: String) -> (DeviceIdentity?, String?) {
    do throws(ServiceError) {
      return (try DeviceName.find(text, among: entries), nil)
    } catch {
      return (nil, error.code)
    }
  }

  @Test("the whole id, and the whole name in any case, find one") func whole() {
    #expect(find(second.text).0 == second)
    #expect(find("serre nord").0 == first)
    #expect(find("SERRE SUD").0 == second)
  }

  @Test("a beginning finds one when only one begins so") func beginning() {
    #expect(find("serre n").0 == first)
    #expect(find("serre").1 == "ambiguous")
    #expect(find("abcd00000000000").1 == "ambiguous")
    #expect(find("abcd000000000002").0 == second)
  }

  @Test("nothing is found by an empty or a strange word") func nothing() {
    #expect(find("").1 == "not-found")
    #expect(find("cave").1 == "not-found")
  }

  @Test("a whole name counts before the beginning of another") func nameFirst() throws {
    let entries = [
      DeviceName.Entry(identity: first, name: "pump"),
      DeviceName.Entry(identity: second, name: "pump 2"),
    ]
    let found = try DeviceName.find("pump", among: entries)
    #expect(found == first)
  }
}
