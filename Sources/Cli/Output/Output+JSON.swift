internal import Web

extension Output {
  /// Writes a value as one line of JSON.
  @discardableResult func write(json value: some Encodable) throws(Failure) -> Bool {
    write(try text(json: value) + "\n")
  }

  /// A value as JSON, without the end of the line.
  func text(json value: some Encodable) throws(Failure) -> String {
    do {
      return String(decoding: try JSON.encode(value), as: UTF8.self)
    } catch {
      throw Failure(.failure, .answerNotUnderstood(error.description))
    }
  }
}
