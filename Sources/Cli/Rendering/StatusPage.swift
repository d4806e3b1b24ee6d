internal import Model

/// The daemon's health, drawn.
enum StatusPage {
  static func lines(_ status: StatusView, _ page: Page) -> [String] {
    let language = page.language
    var facts: [(Message, String)] = [
      (.factRunning, page.say(.running(status, language))),
      (.factNode, String(status.node.prefix(16)) + "…"),
      (.factStorage, page.say(.storage(status.storage, language))),
    ]
    if let disk = Message.disk(status.storage, language) {
      facts.append((.factDisk, page.say(disk)))
    }
    facts.append(
      (
        .factClock,
        WallTime.text(us: status.clock.wallUs, inUtc: page.isInUtc).dropLast(4) + ", "
          + page.say(.clock(status.clock, language))
      ))
    facts.append((.factLoop, page.say(.loop(status.loop, language))))
    if let access = status.access { facts.append((.factAccess, page.say(.access(access)))) }
    if let sync = status.sync, sync.site != nil || sync.role == "hub" {
      facts.append((.factSite, page.say(.siteTally(sync))))
    }
    facts.append((.factDevices, devices(status.devices, page)))
    var lines = [page.tone(.strong, "Bivouac " + TextWidth.harmless(status.version))]
    lines += DevicePage.facts(facts, page)
    if let sites = status.sites { lines += [""] + SitePage.lines(sites, page) }
    if let code = status.access?.claimCode {
      let address = Message.pageAddress(status.http?.addresses ?? []) ?? "http://localhost:8420"
      lines += [""] + page.wrap(.claim(code, at: address)).map { page.tone(.strong, $0) }
    }
    if let problem = status.storage.problem {
      lines += [""] + page.wrap(.problem(problem), indent: "  ").map { page.tone(.bad, $0) }
    }
    if !status.notices.isEmpty {
      lines.append("")
      for notice in status.notices {
        lines += page.wrap(.labelled("!", .problem(notice)), indent: "  ")
          .map { page.tone(.warning, $0) }
      }
    }
    if !status.questions.isEmpty {
      lines += [""] + page.wrap(.questionsWait(status.questions.count))
    }
    if status.devices.values.allSatisfy({ $0 == 0 }) { lines += [""] + page.wrap(.noDevices) }
    return lines
  }

  private static let order: [DeviceView.State] = [
    .connected, .quiet, .listening, .presentNotOpened, .cannotOpen, .elsewhere, .absent,
  ]

  private static func devices(_ counts: [String: Int], _ page: Page) -> String {
    let known = order.compactMap { state -> String? in
      guard let count = counts[state.rawValue], count > 0 else { return nil }
      return "\(count) " + page.say(.state(state))
    }
    return known.isEmpty ? page.say(.none) : known.joined(separator: ", ")
  }
}
