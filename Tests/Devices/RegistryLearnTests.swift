import Devices
import Model
import Testing

@Suite("Registry: what other nodes say of devices") struct RegistryLearnTests {
  private let port = usbFacts(socket: "1", tty: 0)

  private func remembered(
    _ id: UInt64, name: String = "", socket: String = ""
  ) throws -> RememberedDevice {
    var device = RememberedDevice(identity: try #require(board(id)), kind: .companion)
    device.name = name
    device.lastSocket = socket
    return device
  }

  @Test("devices of other nodes are known from then on, and nothing is written for them")
  func learned() throws {
    var bench = Bench()
    let device = try remembered(5, name: "Serre")
    #expect(bench.registry.learn([device], forgotten: []) == [device.identity])
    #expect(bench.registry.device(device.identity)?.name == "Serre")
    #expect(bench.registry.learn([device], forgotten: []).isEmpty)
    #expect(bench.kept.isEmpty)
    bench.plug(port)
    bench.hello(port, id: 5)
    #expect(bench.binding(port) == device.identity)
  }

  @Test("of a device that is plugged in here only what people say of it is taken")
  func plugged() throws {
    var bench = Bench()
    bench.plug(port)
    bench.hello(port, id: 5)
    let identity = try #require(board(5))
    let here = try #require(bench.registry.device(identity))
    let elsewhere = try remembered(5, name: "Serre", socket: "another socket")
    #expect(bench.registry.learn([elsewhere], forgotten: [identity]) == [identity])
    let after = try #require(bench.registry.device(identity))
    #expect(after.name == "Serre" && after.lastSocket == here.lastSocket)
    #expect(bench.binding(port) == identity)
  }

  @Test("a device that was forgotten elsewhere is forgotten here, unless it is plugged in")
  func forgotten() throws {
    var bench = Bench()
    let absent = try remembered(6)
    _ = bench.registry.learn([absent], forgotten: [])
    #expect(bench.registry.learn([], forgotten: [absent.identity]) == [absent.identity])
    #expect(bench.registry.device(absent.identity) == nil)
    #expect(bench.registry.learn([], forgotten: [absent.identity]).isEmpty)
    bench.plug(port)
    bench.hello(port, id: 5)
    let here = try #require(board(5))
    #expect(bench.registry.learn([], forgotten: [here]).isEmpty)
    #expect(bench.registry.device(here) != nil)
  }
}
