import Glibc
import Reactor
import Testing

@Suite("Small files") struct FileTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  @Test("a file written is read back, up to its limit and not beyond") func limit() throws {
    let path = folder.file("some")
    let contents = (0..<40_000).map { UInt8(truncatingIfNeeded: $0) }
    try System.writeFile(path, contents)
    #expect(try System.readFile(path, bytesMax: 40_000) == contents)
    #expect(throws: Errno.tooBig) { try System.readFile(path, bytesMax: 39_999) }
    try System.writeFile(path, [])
    #expect(try System.readFile(path, bytesMax: 0) == [])
  }

  @Test("a file that is not there is ENOENT") func missing() {
    #expect(throws: Errno.noEntry) { try System.readFile(folder.file("none"), bytesMax: 1) }
  }

  @Test("writing replaces the whole file, sets its mode and leaves nothing else behind")
  func replace() throws {
    let path = folder.file("some")
    try System.writeFile(path, Array("a longer text".utf8), mode: 0o644)
    try System.writeFile(path, Array("short".utf8), mode: 0o640)
    #expect(try System.readFile(path, bytesMax: 99) == Array("short".utf8))
    #expect(mode(of: path) == 0o640)
    #expect(folder.names == ["some"])
  }

  @Test("writing that fails leaves the old file and nothing else") func failedReplace() throws {
    let path = folder.file("taken")
    try System.makeFolder(path)
    #expect(throws: Errno.self) { try System.writeFile(path, [1]) }
    #expect(folder.names == ["taken"])
    #expect(throws: Errno.noEntry) { try System.writeFile(folder.file("no/where"), [1]) }
  }

  @Test("making a folder that is there is no error, making one over a file is")
  func folders() throws {
    try System.makeFolder(folder.file("one"), mode: 0o750)
    try System.makeFolder(folder.file("one"))
    #expect(mode(of: folder.file("one")) == 0o750)
    try System.writeFile(folder.file("two"), [1])
    #expect(throws: Errno.exists) { try System.makeFolder(folder.file("two")) }
    #expect(throws: Errno.noEntry) { try System.makeFolder(folder.file("three/four")) }
    try System.makeFolders(folder.file("three/four"))
    #expect(System.isFolder(folder.file("three/four")))
    _ = unsafe rmdir(folder.file("three/four"))
  }

  @Test("removing a file that is not there is no error") func remove() throws {
    try System.writeFile(folder.file("some"), [1])
    try System.removeFile(folder.file("some"))
    #expect(!System.exists(folder.file("some")))
    try System.removeFile(folder.file("some"))
  }

  @Test(
    "the folder above a path",
    arguments: [
      ("/a/b", "/a"), ("/a/b/", "/a"), ("/a", "/"), ("/", "/"), ("a", "."), ("a/b", "a"), ("", "."),
    ])
  func parent(path: String, expected: String) {
    #expect(System.parent(of: path) == expected)
  }

  @Test("the working folder is a folder, and an unset variable is nil") func surroundings() throws {
    #expect(System.isFolder(try System.workingFolder()))
    #expect(System.environment("PATH") != nil)
    #expect(System.environment("BIVOUAC_NOBODY_SETS_THIS") == nil)
  }

  private func mode(of path: String) -> UInt32 {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return 0 }
    return status.st_mode & 0o777
  }
}
