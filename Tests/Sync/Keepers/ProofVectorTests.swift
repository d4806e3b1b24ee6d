import Model
import TestSupport
import Testing

@testable import Sync

/// One line of docs/vectors/sync-proofs.txt.
struct ProofVector: CustomTestStringConvertible, Sendable {
  let name: String
  let isGolden: Bool
  let form: String
  let bytes: [UInt8]
  let expected: String

  var testDescription: String { name }

  static let all: [ProofVector] = {
    let path = #filePath.replacing(
      "Tests/Sync/Keepers/ProofVectorTests.swift", with: "docs/vectors/sync-proofs.txt")
    return VectorFile.lines(path, fields: 5).compactMap { fields in
      Hex.bytes(fields[3]).map {
        ProofVector(
          name: fields[0], isGolden: fields[1] == "golden", form: fields[2], bytes: $0,
          expected: fields[4])
      }
    }
  }()

  /// A request in words.
  func request() throws -> String {
    let request = try ExchangeRequest(decoding: bytes)
    #expect(request.encoded() == bytes)
    switch request {
    case .prove(let nonce, let parts): return Self.text(nonce, parts)
    case .proof(let nonce, let hashes):
      return Hex.text(nonce) + ": "
        + hashes.map { $0.map { Hex.text($0) } ?? "-" }.joined(separator: "; ")
    default: return "\(request)"
    }
  }

  /// An answer to an offer in words.
  func question() throws -> String {
    let answer = try ExchangeAnswer(decoding: bytes, to: .offer)
    #expect(answer.encoded() == bytes)
    guard case .question(let question?) = answer else { return "nothing" }
    return Self.text(question.nonce, question.parts)
  }

  private static func text(_ nonce: [UInt8], _ parts: [ProofPart]) -> String {
    Hex.text(nonce)
      + parts.map { part in
        "; \(part.log.run.origin.description.prefix(8))/\(part.log.run.incarnation)/"
          + "\(part.log.lane.rawValue) \(part.seqs.lowerBound)-\(part.seqs.upperBound)"
      }.joined()
  }

  /// What the line says, by its form.
  func said() throws -> String {
    switch form {
    case "proof": return try proof()
    case "question": return try question()
    default: return try request()
    }
  }

  /// The hash over what the line gives.
  func proof() throws -> String {
    var reader = FieldReader(bytes.span)
    var proof = RangeProof(nonce: try reader.raw(RangeProof.nonceByteCount))
    let (run, boot) = (try reader.run(), try reader.clockEpoch())
    let header = try reader.bytesV(max: Limits.rangeHeaderBytesMax)
    for _ in 0..<(try reader.count(max: 9)) { proof.add(try reader.bytesV(max: 99)) }
    try reader.end()
    return Hex.text(proof.finish(run, boot, header: header))
  }
}

@Suite("The vectors of proofs") struct ProofVectorTests {
  @Test("each is read as the second implementation meant it", arguments: ProofVector.all)
  func vector(_ vector: ProofVector) throws {
    guard vector.isGolden else {
      let error = #expect(throws: DecodeError.self) { try vector.said() }
      #expect(error?.reason.rawValue == vector.expected)
      return
    }
    #expect(try vector.said() == vector.expected)
  }

  @Test("all of them are there") func count() { #expect(ProofVector.all.count == 31) }
}
