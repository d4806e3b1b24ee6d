import Model
import Sync
import Testing

@Suite("Passwords, tokens and claim codes") struct AccessSecretTests {
  @Test("a password is known again by its hash, and another is not") func password() throws {
    let salt = [UInt8](0..<16)
    let hash = try #require(PasswordHash.make("cheval pile agrafe", salt: salt))
    let text = String(decoding: hash, as: UTF8.self)
    #expect(text.hasPrefix("$argon2id$v=19$m=32768,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$"))
    #expect(hash.count == 31 + 22 + 1 + 43)
    #expect(PasswordHash.verify("cheval pile agrafe", hash))
    #expect(!PasswordHash.verify("cheval pile agraf", hash))
    #expect(!PasswordHash.verify("", hash))
    let other = try #require(PasswordHash.make("cheval pile agrafe", salt: salt.reversed()))
    #expect(other != hash)
  }

  @Test("the hash that nobody has takes its time and fits nothing") func nobody() {
    #expect(!PasswordHash.verify("", PasswordHash.nobody))
    #expect(!PasswordHash.verify("password", PasswordHash.nobody))
  }

  @Test("what the process that hashes is asked comes to it as it was sent") func work() throws {
    let salt = [UInt8](0..<16)
    let make = PasswordWork.make(password: "cheval pile agrafe", salt: salt)
    let asked = try #require(make.encoded())
    #expect(PasswordWork(decoding: asked) == make)
    let hash = try #require(PasswordWork.hash(make.perform()))
    for (password, isRight) in [("cheval pile agrafe", true), ("cheval", false), ("", false)] {
      let verify = PasswordWork.verify(password: password, hash: hash)
      #expect(PasswordWork(decoding: try #require(verify.encoded())) == verify)
      #expect(PasswordWork.verdict(verify.perform()) == isRight)
    }
    let longest = PasswordWork.verify(
      password: String(repeating: "é", count: 128), hash: [UInt8](repeating: 7, count: 255))
    #expect(try #require(longest.encoded()).count == PasswordWork.bytesMax)
    #expect(PasswordWork(decoding: try #require(longest.encoded())) == longest)
  }

  @Test("what no process that hashes is asked, or answers, is refused") func foreignWork() {
    #expect(
      PasswordWork.verify(password: String(repeating: "a", count: 257), hash: []).encoded() == nil)
    let foreign: [[UInt8]] = [
      [], [1], [1, 16, 0], [3, 0, 0x61], [1, 15] + [UInt8](repeating: 0, count: 23),
      [2, 0, 0xFF], [2, 0] + [UInt8](repeating: 0x61, count: 257),
      [2, 255] + [UInt8](repeating: 0, count: 254),
    ]
    for bytes in foreign { #expect(PasswordWork(decoding: bytes) == nil, "\(bytes)") }
    for answer in [[], [2], [1, 1]] as [[UInt8]] { #expect(PasswordWork.verdict(answer) == nil) }
    for answer in [[], [0], Array("$argon2i$v=19".utf8)] as [[UInt8]] {
      #expect(PasswordWork.hash(answer) == nil)
    }
  }

  @Test("a hash that asks for more than ours is not even tried") func costly() {
    let costly =
      "$argon2id$v=19$m=4194304,t=99,p=1$AAECAwQFBgcICQoLDA0ODw$"
      + String(repeating: "A", count: 43)
    #expect(!PasswordHash.verify("x", Array(costly.utf8)))
    #expect(!PasswordHash.verify("x", []))
  }

  @Test(
    "passwords that are too short, too long or not typed are refused",
    arguments: [
      ("1234567", PasswordHash.Fault.short), (String(repeating: "é", count: 129), .long),
      ("12345678\n", .control), ("", .short),
    ])
  func refused(password: String, fault: PasswordHash.Fault) {
    #expect(Self.fault(password) == fault)
  }

  @Test("passwords of 8 to 256 bytes are taken", arguments: ["12345678", "pass word", "éééé"])
  func taken(password: String) {
    #expect(Self.fault(password) == nil)
    #expect(Self.fault(String(repeating: "a", count: 256)) == nil)
  }

  private static func fault(_ password: String) -> PasswordHash.Fault? {
    do throws(PasswordHash.Fault) {
      try PasswordHash.check(password)
      return nil
    } catch {
      return error
    }
  }

  @Test("a token's secret is read as it was shown") func secret() throws {
    let secret = try #require(
      TokenSecret(id: [UInt8](1...8), secret: [UInt8](repeating: 0xA5, count: 20)))
    #expect(secret.text == "biv_0102030405060708_mpjtb9d5mpjtb9d5mpjtb9d5mpjtb9d5")
    #expect(TokenSecret(text: secret.text) == secret)
    #expect(secret.hash.count == 32)
    let other = TokenSecret(id: [UInt8](1...8), secret: [UInt8](repeating: 0xA4, count: 20))
    #expect(other?.hash != secret.hash)
  }

  @Test(
    "what is no token's secret is refused",
    arguments: [
      "", "biv_", "biv_0102030405060708", "biv_0102030405060708_", "biv__", "Bearer x",
      "biv_0102030405060708_mpjtb9d5mpjtb9d5mpjtb9d5mpjtb9d", "biv_01_mpjtb9d5",
      "biv_0102030405060708_mpjtb9d5mpjtb9d5mpjtb9d5mpjtb9d5_x",
      "biv_0102030405060708_upjtb9d5mpjtb9d5mpjtb9d5mpjtb9d5",
      "BIV_0102030405060708_mpjtb9d5mpjtb9d5mpjtb9d5mpjtb9d5",
    ])
  func noSecret(text: String) { #expect(TokenSecret(text: text) == nil) }

  @Test("a claim code is known however it is typed") func claimCode() throws {
    let code = try #require(ClaimCode(random: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
    let text = code.text
    #expect(text == "000G4-0R40M")
    #expect(code.matches(text) && code.matches("000g40r40m") && code.matches(" OOOG4 oR4Om "))
    #expect(!code.matches("000G4-0R40N") && !code.matches("") && !code.matches("000G4-0R40"))
    #expect(!code.matches(String(repeating: "0", count: 1_000)))
    #expect(ClaimCode(random: []) == nil)
  }

  @Test(
    "names are made lower, and what cannot be shown is refused",
    arguments: [
      ("Ada", "ada", nil), ("É. Dupont", "é. dupont", nil), ("", nil, UserName.Fault.empty),
      (" ada", nil, .characters), ("ada ", nil, .characters), ("a\u{0}", nil, .characters),
      ("a\u{202E}b", nil, .characters), ("a\nb", nil, .characters),
      (String(repeating: "é", count: 33), nil, .long),
    ] as [(String, String?, UserName.Fault?)])
  func names(typed: String, kept: String?, fault: UserName.Fault?) {
    do throws(UserName.Fault) {
      #expect(try UserName.checked(typed) == kept)
    } catch {
      #expect(error == fault)
    }
  }
}
