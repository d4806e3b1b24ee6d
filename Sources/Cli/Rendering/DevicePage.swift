internal import Model

/// Devices, drawn.
enum DevicePage {
  /// Every device in a table, with what is wrong and what is asked below it.
  static func list(_ devices: [DeviceView], _ page: Page) -> [String] {
    guard !devices.isEmpty else { return page.wrap(.noDevices) }
    var table = Table([
      .init(heading: page.say(.headDevice), columnsMin: 12),
      .init(heading: page.say(.headState), columnsMin: 15),
      .init(heading: page.say(.headModel), columnsMin: 8),
      .init(heading: page.say(.headPort), columnsMin: 8),
      .init(heading: page.say(.headHeard)),
      .init(heading: page.say(.headMark), columnsMin: 5),
    ])
    for device in devices {
      let heard = device.state == .absent ? nil : device.heardAgoMs
      table.add([
        .init(device.name ?? device.id, .strong),
        .init(page.say(.state(device.state)), tone(device)),
        .init(device.model ?? page.say(.kind(device.kind))),
        .init(device.node ?? device.gateway ?? ""),
        .init(heard == nil ? "" : page.ago(milliseconds: heard), .faint),
        .init(marks(device, page), .artificial),
      ])
    }
    return page.lines(table) + remarks(devices, page)
  }

  private static func remarks(_ devices: [DeviceView], _ page: Page) -> [String] {
    var lines: [String] = []
    for device in devices {
      if let problem = device.problem {
        lines += labelled(device, .problem(problem), .bad, page)
      }
      if device.state == .presentNotOpened, device.problem == nil {
        lines += labelled(device, .openHint(device.name ?? device.id), .warning, page)
      }
    }
    let questions = devices.reduce(0) { $0 + $1.questions.count }
    if questions > 0 { lines += page.wrap(.questionsWait(questions)) }
    return lines.isEmpty ? [] : [""] + lines
  }

  private static func labelled(
    _ device: DeviceView, _ message: Message, _ tone: Style.Tone, _ page: Page
  ) -> [String] {
    let label = Message.labelled(device.name ?? device.id, message)
    return page.wrap(label, indent: "  ").map { page.tone(tone, $0) }
  }

  private static func tone(_ device: DeviceView) -> Style.Tone {
    switch device.state {
    case .connected: .good
    case .quiet, .listening, .presentNotOpened: .warning
    case .cannotOpen: .bad
    case .absent, .elsewhere: .faint
    }
  }

  private static func marks(_ device: DeviceView, _ page: Page) -> String {
    var marks: [String] = []
    if device.simulated { marks.append(page.say(.simulated)) }
    if device.provisional { marks.append(page.say(.provisional)) }
    return marks.joined(separator: ", ")
  }

  /// One device with everything that is known of it.
  static func show(_ device: DeviceView, _ page: Page) -> [String] {
    var lines = [page.tone(.strong, TextWidth.harmless(device.name ?? device.id))]
    var facts: [(Message, String)] = [(.factId, device.id)]
    let marked = marks(device, page)
    let state = page.say(.state(device.state)) + (marked.isEmpty ? "" : ", " + marked)
    facts.append((.factState, state))
    facts.append((.factKind, page.say(.kind(device.kind))))
    if let model = device.model {
      facts.append((.factModel, model + (device.firmware.map { " " + $0 } ?? "")))
    }
    if let node = device.node {
      facts.append((.factPort, node + (device.path.map { " (\($0))" } ?? "")))
    }
    if let heard = device.heardAgoMs {
      facts.append((.factHeard, page.ago(milliseconds: heard)))
    }
    if let epoch = device.epoch { facts.append((.factEpoch, Figures.whole(epoch, page.language))) }
    lines += Self.facts(facts, page)
    if let problem = device.problem {
      lines += [""] + page.wrap(.problem(problem)).map { page.tone(.bad, $0) }
    }
    if !device.questions.isEmpty {
      lines += [""] + page.wrap(.questionsWait(device.questions.count))
    }
    lines += channels(device, page) + commands(device, page) + link(device, page)
    lines += log(device, page)
    return lines
  }

  /// Names and values, the values aligned.
  static func facts(_ facts: [(Message, String)], _ page: Page) -> [String] {
    let width = facts.map { TextWidth.columns(page.say($0.0)) }.max() ?? 0
    return facts.map { name, value in
      let label = page.tone(.faint, TextWidth.pad(page.say(name), to: width))
      return "  " + label + "  "
        + TextWidth.cut(TextWidth.harmless(value), to: max(20, page.columns - width - 4))
    }
  }

  private static func channels(_ device: DeviceView, _ page: Page) -> [String] {
    guard !device.channels.isEmpty else { return [] }
    var table = Table([
      .init(heading: page.say(.headChannel), columnsMin: 8),
      .init(heading: page.say(.headValue), onRight: true, columnsMin: 8),
      .init(heading: page.say(.headUnit)),
      .init(heading: page.say(.headAge)), .init(heading: page.say(.headMark)),
    ])
    for channel in device.channels {
      let last = channel.last
      let age = last.map { page.ago(bootUs: $0.nodeUs ?? $0.arrivalUs) } ?? ""
      table.add([
        .init(channel.key), .init(last.map { page.value($0) } ?? "–", .strong),
        .init(channel.unit), .init(age, .faint),
        .init(last.map { page.marks($0) } ?? "", .artificial),
      ])
    }
    return [""] + page.lines(table)
  }

  private static func commands(_ device: DeviceView, _ page: Page) -> [String] {
    guard !device.commands.isEmpty else { return [] }
    let heading = page.tone(.faint, page.say(.headCommands))
    return ["", heading]
      + device.commands.map { command in
        let arguments = command.arguments.map { " " + $0.uppercased().split(separator: ":")[0] }
        let lease = command.takesLease ? " [--lease 60s]" : ""
        let signal = command.signal ? " " + page.say(.signalMark) : ""
        return TextWidth.harmless("  " + command.name + arguments.joined() + lease + signal)
      }
  }

  private static func link(_ device: DeviceView, _ page: Page) -> [String] {
    guard let link = device.link else { return [] }
    let language = page.language
    var facts: [(Message, String)] = [
      (
        .factBytes,
        page.say(
          .inAndOut(
            Figures.whole(link.bytesIn, language), Figures.whole(link.bytesOut, language)))
      ),
      (.factFrames, page.say(.frames(link, language))),
      (.factSamples, page.say(.samples(link, language))),
      (.factText, page.say(.textLines(link, language))),
      (.factHellos, page.say(.hellos(link, language))),
    ]
    if let roundTripUs = link.roundTripUs {
      let text = Figures.fixed(Double(roundTripUs) / 1_000, decimals: 1, language)
      facts.append((.factRoundTrip, text + " ms"))
    }
    return ["", page.tone(.faint, page.say(.headLine))] + Self.facts(facts, page)
  }

  private static func log(_ device: DeviceView, _ page: Page) -> [String] {
    guard !device.log.isEmpty else { return [] }
    return ["", page.tone(.faint, page.say(.headLog))]
      + device.log.map { TextWidth.cut("  " + TextWidth.harmless($0), to: page.columns) }
  }
}
