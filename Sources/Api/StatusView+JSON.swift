internal import Model
internal import Web

/// The answers that programs ask for all the time, written without an encoder.
///
/// They are, byte for byte, what `JSON.encode` makes of the same views; a test holds both together.
extension StatusView {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    if let access {
      writer.name("access")
      access.write(to: &writer)
    }
    if let alarms {
      writer.name("alarms")
      alarms.write(to: &writer)
    }
    writer.name("clock")
    clock.write(to: &writer)
    writer.name("devices")
    writer.beginObject()
    for (state, count) in devices.sorted(by: { precedes($0.key, $1.key) }) {
      writer.name(state)
      writer.write(count)
    }
    writer.endObject()
    if let http {
      writer.name("http")
      http.write(to: &writer)
    }
    writer.member("incarnation", incarnation)
    writer.name("loop")
    loop.write(to: &writer)
    writer.member("node", node)
    writer.name("notices")
    writer.beginArray()
    for notice in notices { notice.write(to: &writer) }
    writer.endArray()
    writer.name("questions")
    questions.write(to: &writer)
    if let sites {
      writer.name("sites")
      writer.beginArray()
      for site in sites { site.write(to: &writer) }
      writer.endArray()
    }
    writer.name("storage")
    storage.write(to: &writer)
    if let sync {
      writer.name("sync")
      sync.write(to: &writer)
    }
    writer.member("uptimeSeconds", uptimeSeconds)
    writer.member("version", version)
    writer.endObject()
  }
}

extension AccessView {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("claimCode", claimCode)
    writer.member("claimed", claimed)
    writer.member("loginFailures", loginFailures)
    writer.member("sessions", Int64(sessions))
    writer.endObject()
  }
}

extension HubSiteView {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("name", name)
    writer.member("node", node)
    writer.member("path", path)
    writer.member("place", place)
    if let problem {
      writer.name("problem")
      problem.write(to: &writer)
    }
    writer.member("state", state)
    writer.endObject()
  }
}

extension AlarmTallyView {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("open", Int64(open))
    writer.member("rules", Int64(rules))
    writer.member("unacknowledged", Int64(unacknowledged))
    writer.member("unseen", Int64(unseen))
    writer.endObject()
  }
}

extension SyncTallyView {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("conflicts", Int64(conflicts))
    writer.member("hellosLimited", Int64(clamping: hellosLimited))
    writer.member("peers", Int64(peers))
    writer.member("proofs", Int64(clamping: proofs))
    writer.member("proofsFailed", Int64(clamping: proofsFailed))
    writer.member("proofsRefused", Int64(clamping: proofsRefused))
    writer.member("reached", Int64(reached))
    writer.member("role", role)
    writer.member("site", site)
    writer.member("strange", Int64(strange))
    writer.endObject()
  }
}

extension ClockView {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("bootUs", bootUs)
    writer.member("errorUs", errorUs)
    writer.member("trusted", trusted)
    writer.member("wallUs", wallUs)
    writer.endObject()
  }
}

extension HttpView {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.name("addresses")
    writer.write(addresses)
    writer.member("connections", Int64(connections))
    writer.member("streams", Int64(streams))
    writer.endObject()
  }
}

extension LoopView {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("busyMaxUs", busyMaxUs)
    writer.member("lagMaxUs", lagMaxUs)
    writer.member("over50Ms", over50Ms)
    writer.member("turns", turns)
    writer.endObject()
  }
}

extension StorageView {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    if let ballast {
      writer.name("ballast")
      ballast.write(to: &writer)
    }
    writer.member("commits", commits)
    if let compaction {
      writer.name("compaction")
      compaction.write(to: &writer)
    }
    writer.member("databaseBytes", databaseBytes)
    writer.member("freeBytes", freeBytes)
    if let inspection {
      writer.name("inspection")
      inspection.write(to: &writer)
    }
    writer.member("pendingReadings", Int64(pendingReadings))
    if let problem {
      writer.name("problem")
      problem.write(to: &writer)
    }
    writer.member("readings", readings)
    writer.member("series", series)
    writer.member("state", state)
    if let trimming {
      writer.name("trimming")
      trimming.write(to: &writer)
    }
    if let wear {
      writer.name("wear")
      wear.write(to: &writer)
    }
    writer.endObject()
  }
}

extension BallastView {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("bytes", bytes)
    writer.member("releases", releases)
    writer.member("state", state)
    writer.endObject()
  }
}

extension TrimmingTallyView {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("byAge", byAge)
    writer.member("byQuota", byQuota)
    writer.member("bySpace", bySpace)
    writer.member("failures", failures)
    writer.member("freedBytes", freedBytes)
    if let problem {
      writer.name("problem")
      problem.write(to: &writer)
    }
    writer.member("runs", runs)
    writer.member("state", state)
    writer.member("unseen", unseen)
    writer.member("waiting", waiting)
    writer.endObject()
  }
}

extension WearView {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("bytesPerDay", bytesPerDay)
    writer.member("cardYears", cardYears)
    writer.member("overSeconds", overSeconds)
    writer.member("source", source)
    writer.member("writtenBytes", writtenBytes)
    writer.endObject()
  }
}

extension CompactionView {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("blocks", blocks)
    writer.member("bytesAfter", bytesAfter)
    writer.member("bytesBefore", bytesBefore)
    writer.member("commits", commits)
    writer.member("durationUs", durationUs)
    writer.member("failures", failures)
    if let problem {
      writer.name("problem")
      problem.write(to: &writer)
    }
    writer.member("ranges", ranges)
    writer.member("readings", readings)
    writer.member("state", state)
    writer.endObject()
  }
}

extension InspectionView {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("commits", commits)
    writer.member("damages", Int64(damages))
    writer.member("state", state)
    writer.member("structureChecked", structureChecked)
    writer.endObject()
  }
}

extension ProblemView {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.member("code", code)
    writer.member("detail", detail)
    writer.name("parameters")
    writer.write(parameters)
    writer.endObject()
  }
}

extension QuestionView {
  func write(to writer: inout JSONWriter) {
    writer.beginObject()
    writer.name("answers")
    writer.write(answers)
    writer.member("device", device)
    writer.member("id", id)
    writer.member("kind", kind)
    writer.name("parameters")
    writer.write(parameters)
    writer.member("text", text)
    writer.endObject()
  }
}

extension [QuestionView] {
  func write(to writer: inout JSONWriter) {
    writer.beginArray()
    for question in self { question.write(to: &writer) }
    writer.endArray()
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ texts: [String]) {
    beginArray()
    for text in texts { write(text) }
    endArray()
  }

  fileprivate mutating func write(_ texts: [String: String]) {
    beginObject()
    for (key, text) in texts.sorted(by: { precedes($0.key, $1.key) }) {
      name(key)
      write(text)
    }
    endObject()
  }
}

/// The order of names: by their bytes.
private func precedes(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}
