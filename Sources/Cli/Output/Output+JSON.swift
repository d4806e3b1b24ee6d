internal import Web

extension Output {
  /// Writes a value as one line of JSON.
  @discardableResult func write(json value: some Encodable) throws(Failure) -> Bool {
    do {
      return write(String(decoding: try JSON.encode(value), as: UTF8.self) + "\n")
    } catch {
      throw Failure(.failure, .answerNotUnderstood(error.description))
    }
  }
}
