internal import Model
internal import Reactor
internal import Web

extension Conversation {
  func importFile() async throws(Failure) -> ExitCode {
    try arguments.expect(positionals: 1...1, form: "import --format csv|jsonl FILE")
    let file = arguments.positionals[0]
    let content = try importContent(file)
    let shown = content.faults.prefix(CliLimits.importFaultsShown)
    for (line, fault) in shown {
      output.note(TextWidth.harmless(say(.importFault(line, fault))))
    }
    if content.faults.count > shown.count {
      output.note(say(.importMoreFaults(content.faults.count - shown.count)))
    }
    guard content.faults.isEmpty || arguments.has("partial") else {
      throw Failure(.failure, .importRefused(file, content.faults.count), next: .importPartial)
    }
    let count = try await sendRows(content.rows)
    if settings.isJson {
      try output.write(json: ["imported": count, "refused": content.faults.count])
    } else {
      write(.imported(count, file))
    }
    return content.faults.isEmpty ? .success : .failure
  }

  private func importContent(_ file: String) throws(Failure) -> ImportContent {
    let bytes: [UInt8]
    do throws(Errno) {
      bytes = try System.readFile(file, bytesMax: CliLimits.importBytesMax)
    } catch {
      throw Failure(.failure, .importUnreadable(file, error.description))
    }
    let reader = ImportReader(device: arguments["device"], channel: arguments["channel"])
    switch arguments["format"] {
    case "csv":
      guard let content = reader.csv(bytes) else {
        throw Failure(.failure, .importNoHeading(file))
      }
      return content
    case "jsonl": return reader.jsonl(bytes)
    default: throw .usage(.optionNeedsValue("--format csv|jsonl"), verb: "import")
    }
  }

  /// Adds every value, or none: what was added before a refusal is taken back.
  private func sendRows(_ rows: [ImportRow]) async throws(Failure) -> Int {
    struct Series: Hashable {
      var device: String, channel: String, unit: String?
    }
    var values: [Series: [LateValue]] = [:]
    var order: [Series] = []
    for row in rows {
      let series = Series(device: row.device, channel: row.channel, unit: row.unit)
      if values[series] == nil { order.append(series) }
      values[series, default: []].append(row.value)
    }
    var added: [String] = []
    do {
      for series in order {
        let all = values[series] ?? []
        for start in stride(from: 0, to: all.count, by: CliLimits.importValuesPerRequest) {
          let end = min(start + CliLimits.importValuesPerRequest, all.count)
          let body = LateValuesRequest(
            device: series.device, channel: series.channel, unit: series.unit,
            note: arguments["note"], values: Array(all[start..<end]))
          let answer = try await daemon.send(.post, "/late-values", body)
          added.append(try Daemon.decode(LateValuesView.self, answer).id)
        }
      }
    } catch {
      for id in added {
        _ = try await daemon.send(
          .post, Self.target("late-values", id, "withdraw"), ["reason": "import"])
      }
      throw error
    }
    return rows.count
  }
}
