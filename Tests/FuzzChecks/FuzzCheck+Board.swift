import CFuzzBoard
import Protocol

extension FuzzCheck {
  /// The C library hears a stream; frames and corruption are counted as the Swift reader does.
  public static let board = FuzzCheck(
    name: "board",
    problem: { bytes in
      let heard = unsafe bytes.withUnsafeBufferPointer { buffer in
        unsafe fuzz_board(buffer.baseAddress, buffer.count)
      }
      guard heard.is_whole else { return "the C library left bytes unread" }
      var reader = FrameReader()
      reader.push(bytes.span, nowUs: 0) { _, _ in }
      let good = reader.counts.framesGood
      let corrupt = reader.counts.corrupt + reader.counts.overruns
      guard heard.good == good, heard.corrupt == corrupt else {
        return "C: \(heard.good) good, \(heard.corrupt) corrupt; Swift: \(good), \(corrupt)"
      }
      return nil
    },
    seeds: {
      let bodies = Seeds.link(of: ["body"]).filter { !$0.isEmpty && $0.count <= 250 }
      let resume = bodies.first { $0[0] == MessageType.resume.rawValue } ?? []
      return Seeds.link(of: ["wire", "framing"])
        + bodies.map { body in
          let opening = resume.isEmpty ? [] : Frame(body: resume.span).span.array
          return opening + Frame(body: body.span).span.array
        }
    })
}
