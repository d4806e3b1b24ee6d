import Protocol

extension FuzzCheck {
  /// A fault put in on purpose, which a fuzzer must find: it shows that the others can find theirs.
  public static let planted = FuzzCheck(
    name: "planted",
    problem: { bytes in
      guard let ack = decoded(bytes.span, Ack.init) else { return nil }
      let isMet = ack.epoch == 0xDEAD_BEEF && ack.again
      return isMet ? "the planted fault was met" : nil
    },
    seeds: { Seeds.link(of: ["body"]).filter { $0.first == MessageType.ack.rawValue } })
}
