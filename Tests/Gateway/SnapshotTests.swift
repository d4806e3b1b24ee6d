import Api
import Model
import Sync
import Testing

@testable import Gateway

@Suite("What is taken for a snapshot") struct SnapshotTests {
  private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  private func judge(_ content: [UInt8], _ type: String) -> SnapshotTaken.MediaType? {
    do throws(ServiceError) {
      return try SnapshotText.mediaType(
        SnapshotRequest(content: content, mediaType: type, note: nil))
    } catch {
      #expect(error.status == 415 && error.code == "snapshot.type")
      return nil
    }
  }

  @Test("bytes are what they begin like, and only if that is what they are said to be")
  func mediaType() {
    let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE1, 0]
    #expect(judge(jpeg, "image/jpeg") == .jpeg && judge(Self.png, "image/png") == .png)
    #expect(judge(jpeg, "image/png") == nil && judge(Self.png, "image/jpeg") == nil)
    #expect(judge([], "image/png") == nil && judge(Array(Self.png.dropLast()), "image/png") == nil)
    #expect(judge(Array("<svg>".utf8), "image/svg+xml") == nil)
  }

  @Test("a snapshot leaves the disk its reserve")
  func room() {
    func lacking(_ free: Int64) -> Int64 {
      SnapshotBook.lacking(
        1_000_000, diskBytes: 32_000_000_000, freeBytes: free, databaseBytes: 160_000_000)
    }
    // A sixteenth of what the database uses stays free.
    #expect(lacking(11_000_000) == 0)
    #expect(lacking(10_999_999) == 1)
    #expect(lacking(0) == 11_000_000)
  }

  @Test("the quota is a size, or none; what cannot be used leaves the usual one")
  func quota() throws {
    func read(_ text: String) throws -> String {
      var configuration = Configuration()
      var reader = ConfigurationReader(file: "bivouac.toml")
      reader.read(
        try TomlDocument.parse(Array("[snapshots]\n\(text)\n".utf8)), onto: &configuration)
      let quota = configuration.snapshots.quotaBytes.map { "\($0)" } ?? "none"
      return ([quota] + reader.notices.map(\.cause.rawValue)).joined(separator: " ")
    }
    #expect(try read("") == "256000000")
    #expect(try read("quota = \"1GB\"") == "1000000000")
    #expect(try read("quota = \"none\"") == "none")
    #expect(try read("quota = \"9MB\"") == "256000000 config.bad-size")
    #expect(try read("quota = \"plenty\"") == "256000000 config.bad-size")
    #expect(try read("quota = 7") == "256000000 config.wrong-type")
    #expect(try read("qouta = \"1GB\"") == "256000000 config.unknown-key")
  }
}
