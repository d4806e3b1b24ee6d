internal import Glibc
internal import Model
internal import Protocol
internal import Reactor

/// `decode`: shows what stands in a captured byte stream.
struct Decode {
  let settings: Settings
  let output: any Output
  private var isGone = false

  init(_ settings: Settings, _ output: any Output) {
    self.settings = settings
    self.output = output
  }

  mutating func run(_ arguments: Arguments) throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 1...1, form: "decode FILE")
    let path = arguments.positionals[0]
    var decoder = CaptureDecoder()
    var hex = arguments.has("hex") ? HexStream() : nil
    var failed: Failure?
    let isWhole = try Self.read(path) { chunk in
      guard failed == nil, !isGone else { return false }
      guard hex != nil else {
        decoder.push(chunk) { show($0) }
        return true
      }
      guard let bytes = hex?.push(chunk) else {
        failed = Failure(.failure, .notHexadecimal(path), next: .seeHelp(verb: "decode"))
        return false
      }
      decoder.push(bytes) { show($0) }
      return true
    }
    if let failed { throw failed }
    decoder.finish { show($0) }
    sum(decoder.counts)
    if !isWhole, !isGone { output.note(Message.captureCut.text(settings.language)) }
    return .success
  }

  private mutating func show(_ item: CaptureItem) {
    if settings.isJson {
      do {
        isGone = !(try output.write(json: item)) || isGone
      } catch {
        Cli.report(error, settings, output)
      }
      return
    }
    let style = settings.style
    let offset = TextWidth.pad("\(item.offset)", to: 8, onLeft: true)
    let head = style.apply(.faint, offset) + "  "
    let name = TextWidth.pad(item.type ?? Message.decodedText.text(settings.language), to: 15)
    let tone: Style.Tone = item.kind == "text" ? .plain : .strong
    var rest = item.fields.map { $0.name + "=" + $0.value }.joined(separator: " ")
    if let text = item.text { rest = text }
    let room = max(20, output.columns - 27)
    let lines = TextWidth.wrap(TextWidth.harmless(rest), to: room)
    for (index, line) in lines.enumerated() {
      let left = index == 0 ? head + style.apply(tone, name) : String(repeating: " ", count: 25)
      isGone = !output.write(lines: [trimmed(left + "  " + line)]) || isGone
    }
  }

  private func trimmed(_ line: String) -> String {
    var line = line
    while line.last == " " { line.removeLast() }
    return line
  }

  private func sum(_ counts: FrameReader.Counts) {
    guard !settings.isJson, !isGone else { return }
    let page = TextWidth.wrap(
      Message.decodedSum(counts, settings.language).text(settings.language), to: output.columns)
    for line in page { output.note(line) }
  }

  /// Reads a file or stdin in chunks, until `take` says no; false when the limit cut it.
  private static func read(_ path: String, take: ([UInt8]) -> Bool) throws(Failure) -> Bool {
    do throws(Errno) {
      var left = CliLimits.captureBytesMax
      let file =
        path == "-"
        ? try System.duplicate(STDIN_FILENO) : try System.openFile(path, flags: O_RDONLY)
      let raw = file.raw
      var chunk = [UInt8](repeating: 0, count: CliLimits.chunkBytes)
      while left > 0 {
        guard case .count(let count) = try System.read(raw, into: &chunk) else {
          var ready = pollfd(fd: raw, events: Int16(POLLIN), revents: 0)
          _ = unsafe poll(&ready, 1, -1)
          continue
        }
        if count == 0 { return true }
        left -= count
        guard take(Array(chunk[0..<count])) else { return true }
      }
      return false
    } catch {
      throw Failure(.failure, .cannotRead(path, error.description))
    }
  }
}

/// Bytes from hexadecimal digits in chunks; spaces, line ends and what follows `#` are skipped.
struct HexStream {
  private var high: UInt8?
  private var isComment = false

  /// The bytes that a chunk completes; nil where there is something else than digits.
  mutating func push(_ chunk: [UInt8]) -> [UInt8]? {
    var bytes: [UInt8] = []
    for byte in chunk {
      if isComment {
        isComment = byte != UInt8(ascii: "\n")
        continue
      }
      let nibble: UInt8
      switch byte {
      case UInt8(ascii: "#"):
        isComment = true
        continue
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): continue
      case 0x30...0x39: nibble = byte - 0x30
      case 0x41...0x46: nibble = byte - 0x41 + 10
      case 0x61...0x66: nibble = byte - 0x61 + 10
      default: return nil
      }
      if let first = high {
        bytes.append(first << 4 | nibble)
        high = nil
      } else {
        high = nibble
      }
    }
    return bytes
  }
}
