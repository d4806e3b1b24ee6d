/// JSON as this project writes it: sorted keys, slashes as they are, no dates.
public enum JSON {
  /// Encodes a value; keys sorted, so that equal values give equal bytes.
  ///
  /// Infinities and NaN, which JSON has no number for, become the strings `"Infinity"`,
  /// `"-Infinity"` and `"NaN"`.
  public static func encode(_ value: some Encodable) throws(JSONFailure) -> [UInt8] {
    let sink = JSONSink()
    do {
      try sink.write(value)
    } catch {
      throw JSONFailure(String(describing: error))
    }
    return sink.document.writer.bytes
  }

  /// Decodes a value; the error says where in the document and why.
  public static func decode<T: Decodable>(
    _ type: T.Type, from bytes: [UInt8]
  ) throws(JSONFailure) -> T {
    do {
      return try T(from: JSONValueDecoder(tape: try JSONTape(bytes), index: 0, place: nil))
    } catch let error as DecodingError {
      throw JSONFailure(describe(error))
    } catch is JSONSyntaxError {
      throw JSONFailure("this is not JSON")
    } catch {
      throw JSONFailure(String(describing: error))
    }
  }

  private static func describe(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      "\(place(context.codingPath + [key])) is missing"
    case .typeMismatch(_, let context):
      "\(place(context.codingPath)) has the wrong type"
    case .valueNotFound(_, let context):
      "\(place(context.codingPath)) is null"
    case .dataCorrupted(let context):
      "\(place(context.codingPath)) is not valid"
    @unknown default:
      "the document does not have the expected form"
    }
  }

  private static func place(_ path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return "the document" }
    let steps = path.map { key in key.intValue.map { "[\($0)]" } ?? key.stringValue }
    return "\"" + steps.joined(separator: ".") + "\""
  }
}

/// Why JSON could not be read or written, in words for the person who wrote it.
public struct JSONFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The place and the reason.
  public let description: String

  init(_ description: String) { self.description = description }
}

extension Response {
  /// An answer in JSON; a value that cannot be encoded becomes a 500 problem.
  public static func json(_ value: some Encodable, status: Int = 200) -> Response {
    do {
      return Response(
        status: status, headers: ["Content-Type": "application/json"], body: try JSON.encode(value))
    } catch {
      return problem(.failure("the answer could not be encoded: \(error)"))
    }
  }

  /// An answer in JSON that is written by hand.
  public static func json(_ write: (inout JSONWriter) -> Void) -> Response {
    var writer = JSONWriter()
    write(&writer)
    return Response(headers: ["Content-Type": "application/json"], body: writer.bytes)
  }

  /// An RFC 9457 answer with the problem's own status.
  public static func problem(_ problem: Problem) -> Response {
    let headers: Headers = ["Content-Type": "application/problem+json"]
    do {
      return Response(status: problem.status, headers: headers, body: try JSON.encode(problem))
    } catch {
      return Response(status: problem.status)
    }
  }
}

extension Request {
  /// Decodes the body; throws the 400 problem to answer with.
  public func decode<T: Decodable>(_ type: T.Type) throws(Problem) -> T {
    do {
      return try JSON.decode(type, from: body)
    } catch {
      throw .badRequest(
        "the body cannot be used: \(error)", remedy: "send the JSON described in the API")
    }
  }
}
