import Model
import Testing

@testable import Gateway
@testable import Web

@Suite("Programs that are remembered") struct ProgramCacheTests {
  private let caller = Caller(.token(name: "Grafana"), permissions: .init([.read]))

  @Test("one is remembered under what it showed, and nothing else is") func shown() throws {
    var cache = ProgramCache()
    let key = try #require(ProgramCache.key("Bearer biv_1"))
    #expect(cache.program(key, version: 1) == nil)
    cache.remember(key, caller)
    #expect(cache.program(key, version: 1) == caller)
    let other = try #require(ProgramCache.key("Bearer biv_2"))
    #expect(cache.program(other, version: 1) == nil)
    #expect(ProgramCache.key(String(repeating: "x", count: ProgramCache.shownBytesMax + 1)) == nil)
  }

  @Test("whatever is written empties it") func written() throws {
    var cache = ProgramCache()
    let key = try #require(ProgramCache.key("Bearer biv_1"))
    _ = cache.program(key, version: 7)
    cache.remember(key, caller)
    #expect(cache.program(key, version: 8) == nil)
    #expect(cache.program(key, version: 7) == nil)
  }

  @Test("it is bounded") func bounded() throws {
    var cache = ProgramCache()
    let first = try #require(ProgramCache.key("Bearer 0"))
    cache.remember(first, caller)
    for number in 1...ProgramCache.programsMax {
      cache.remember(try #require(ProgramCache.key("Bearer \(number)")), caller)
    }
    #expect(cache.program(first, version: 0) == nil)
  }
}
