internal import Model
internal import Reactor
internal import Web

extension Api {
  func addMetrics(to router: inout Router) {
    let (node, hub) = (node, hub)
    let operation = Operation(
      .get, "/metrics", .needs(.metrics), "The daemon's and the devices' state for Prometheus.",
      answer: .text(mediaType: Exposition.mediaType))
    add(operation, to: &router) { _, _ in
      let metrics = MetricsPage(
        status: await node.status(), devices: node.devices(), site: hub?.metricsLabel)
      return Response(
        headers: ["Content-Type": Exposition.mediaType, "Cache-Control": "no-store"],
        body: metrics.bytes)
    }
  }
}

/// What `/metrics` says: the daemon, then the devices that are plugged in.
///
/// The series of a device vanish with it, so that a dashboard shows a gap and not a last value that
/// nobody measures any more.
struct MetricsPage {
  private var page: Exposition

  /// `site` is a label of every sample where one daemon keeps several sites.
  init(status: StatusView, devices: [DeviceView], site: String? = nil) {
    page = Exposition(common: site.map { ["site": $0] } ?? [:])
    node(status)
    storage(status.storage)
    loop(status.loop)
    if let http = status.http { server(http) }
    if let access = status.access { people(access) }
    if let alarms = status.alarms { tally(alarms) }
    if let sync = status.sync { tally(sync) }
    let present = devices.filter { $0.state != .absent }
    self.devices(present)
    links(present)
    readings(present, bootUs: status.clock.bootUs)
  }

  var bytes: [UInt8] { page.bytes }

  private static func seconds(_ microseconds: Int64) -> Double { Double(microseconds) / 1_000_000 }

  private mutating func node(_ status: StatusView) {
    page.begin("bivouac_build_info", .gauge, "Always 1; the labels say which program this is.")
    page.add(1, ["version": status.version, "node": status.node])
    page.single(
      "bivouac_uptime_seconds", .gauge, "Time since the daemon started.",
      Double(status.uptimeSeconds))
    page.single(
      "bivouac_clock_trusted", .gauge, "1 while the kernel says that its clock is synchronised.",
      status.clock.trusted ? 1 : 0)
    if let error = status.clock.errorUs {
      page.single(
        "bivouac_clock_error_seconds", .gauge, "The kernel's bound of the error of its clock.",
        Self.seconds(error))
    }
    page.begin("bivouac_devices", .gauge, "Devices by what can be done with them now.")
    for (state, count) in status.devices.sorted(by: { $0.key < $1.key }) {
      page.add(Double(count), ["state": state])
    }
    page.single(
      "bivouac_questions", .gauge, "Questions that wait for a person.",
      Double(status.questions.count))
    page.single(
      "bivouac_notices", .gauge, "Warnings and faults that status shows.",
      Double(status.notices.count))
  }

  private mutating func compaction(_ compaction: CompactionView) {
    page.single(
      "bivouac_compaction_ranges_total", .counter, "Runs of commits turned into blocks.",
      Double(compaction.ranges))
    page.single(
      "bivouac_compaction_readings_total", .counter, "Readings in them.",
      Double(compaction.readings))
    page.single(
      "bivouac_compaction_blocks_total", .counter, "Blocks made of them.",
      Double(compaction.blocks))
    page.single(
      "bivouac_compaction_bytes_before_total", .counter, "Bytes of the commits.",
      Double(compaction.bytesBefore))
    page.single(
      "bivouac_compaction_bytes_after_total", .counter, "Bytes of the blocks.",
      Double(compaction.bytesAfter))
    page.single(
      "bivouac_compaction_seconds_total", .counter, "Time spent on it.",
      Double(compaction.durationUs) / 1_000_000)
    page.single(
      "bivouac_compaction_failures_total", .counter, "Runs that failed.",
      Double(compaction.failures))
  }

  private mutating func trimming(_ trimming: TrimmingTallyView) {
    page.begin(
      "bivouac_trimmed_readings_total", .counter,
      "Readings that became sums of minutes or went, by the reason.")
    page.add(Double(trimming.byAge), ["reason": "age"])
    page.add(Double(trimming.byQuota), ["reason": "quota"])
    page.add(Double(trimming.bySpace), ["reason": "space"])
    page.single(
      "bivouac_trimmed_bytes_total", .counter, "Bytes that became free inside the database.",
      Double(trimming.freedBytes))
    page.single(
      "bivouac_trimming_failures_total", .counter, "Runs that failed.",
      Double(trimming.failures))
    page.single(
      "bivouac_trimming_waiting_readings", .gauge,
      "Readings that are old enough to go and wait for the proof of a keeper.",
      Double(trimming.waiting))
    page.single(
      "bivouac_trimmed_unseen", .gauge, "Records of what went that nobody has acknowledged.",
      Double(trimming.unseen))
  }

  private mutating func storage(_ storage: StorageView) {
    page.single(
      "bivouac_storage_recording", .gauge, "1 while commits succeed.",
      storage.state == "recording" ? 1 : 0)
    page.single(
      "bivouac_storage_commits_total", .counter, "Group commits of this run.",
      Double(storage.commits))
    page.single(
      "bivouac_storage_readings_total", .counter, "Readings committed in this run.",
      Double(storage.readings))
    page.single(
      "bivouac_storage_pending_readings", .gauge, "Readings that wait for the next commit.",
      Double(storage.pendingReadings))
    if let series = storage.series {
      page.single(
        "bivouac_storage_series", .gauge, "Channels that have readings, or some more.",
        Double(series))
    }
    if let compaction = storage.compaction { self.compaction(compaction) }
    if let trimming = storage.trimming { self.trimming(trimming) }
    if let ballast = storage.ballast {
      page.single(
        "bivouac_ballast_held_bytes", .gauge, "Room kept on the disk for when there is none.",
        ballast.state == "held" ? Double(ballast.bytes) : 0)
      page.single(
        "bivouac_ballast_releases_total", .counter, "How often it was given.",
        Double(ballast.releases))
    }
    if let wear = storage.wear {
      page.single(
        "bivouac_storage_written_bytes_total", .counter,
        "Bytes written to the disk of the database since the start.", Double(wear.writtenBytes))
    }
    if let bytes = storage.databaseBytes {
      page.single(
        "bivouac_storage_database_bytes", .gauge, "Size of the database.", Double(bytes))
    }
    if let bytes = storage.freeBytes {
      page.single("bivouac_storage_free_bytes", .gauge, "Free room on its disk.", Double(bytes))
    }
  }

  private mutating func loop(_ loop: LoopView) {
    page.single(
      "bivouac_loop_turns_total", .counter, "Turns of the event loop.", Double(loop.turns))
    page.single(
      "bivouac_loop_slow_turns_total", .counter, "Turns that took longer than 50 ms.",
      Double(loop.over50Ms))
    page.single(
      "bivouac_loop_lag_max_seconds", .gauge, "The longest turn since the start.",
      Self.seconds(loop.lagMaxUs))
    page.single(
      "bivouac_loop_busy_max_seconds", .gauge,
      "The most processor time that one turn has used since the start.",
      Self.seconds(loop.busyMaxUs))
  }

  private mutating func server(_ http: HttpView) {
    page.single(
      "bivouac_http_connections", .gauge, "Connections to the HTTP server.",
      Double(http.connections))
    page.single(
      "bivouac_http_streams", .gauge, "Live feeds that are open.", Double(http.streams))
  }

  private mutating func tally(_ sync: SyncTallyView) {
    page.single("bivouac_peers", .gauge, "Other nodes of the site.", Double(sync.peers))
    page.single(
      "bivouac_peers_reached", .gauge, "Other nodes of the site that it has a session with.",
      Double(sync.reached))
    page.single(
      "bivouac_conflicts", .gauge, "What was set in two places at once and nobody has decided.",
      Double(sync.conflicts))
    page.begin(
      "bivouac_proofs_total", .counter, "Ranges of readings that keepers were asked to prove.")
    page.add(Double(sync.proofs), ["outcome": "proven"])
    page.add(Double(sync.proofsFailed), ["outcome": "failed"])
    page.add(Double(sync.proofsRefused), ["outcome": "refused"])
    page.single(
      "bivouac_hellos_limited_total", .counter,
      "Beginnings of sessions and pairings that were turned away: too many from one address.",
      Double(sync.hellosLimited))
    page.single(
      "bivouac_strange_records", .gauge,
      "Identities with two contents, forks, and runs of this node that went on elsewhere.",
      Double(sync.strange))
  }

  private mutating func tally(_ alarms: AlarmTallyView) {
    page.single(
      "bivouac_alarm_rules", .gauge, "Rules of alarms that are judged here.",
      Double(alarms.rules))
    page.single("bivouac_alarms_open", .gauge, "Alarms that go on.", Double(alarms.open))
    page.single(
      "bivouac_alarms_unacknowledged", .gauge, "Alarms that nobody has acknowledged.",
      Double(alarms.unacknowledged))
  }

  private mutating func people(_ access: AccessView) {
    page.single(
      "bivouac_access_claimed", .gauge, "1 while there is an administrator.",
      access.claimed ? 1 : 0)
    page.single(
      "bivouac_access_sessions", .gauge, "People who are signed in, by browser.",
      Double(access.sessions))
    page.single(
      "bivouac_access_login_failures_total", .counter,
      "Attempts to sign in, or to claim the node, that failed.", Double(access.loginFailures))
  }

  private mutating func devices(_ devices: [DeviceView]) {
    page.begin("bivouac_device_info", .gauge, "Always 1; the labels describe the device.")
    for device in devices {
      page.add(
        1,
        [
          "device": device.id, "name": device.name ?? "", "kind": device.kind ?? "",
          "model": device.model ?? "", "firmware": device.firmware ?? "",
          "simulated": "\(device.simulated)",
        ])
    }
    page.begin("bivouac_device_connected", .gauge, "1 while a session with the device is open.")
    for device in devices {
      page.add(device.state == .connected ? 1 : 0, Self.labels(device))
    }
    page.begin("bivouac_device_silence_seconds", .gauge, "Time since the device was last heard.")
    for device in devices {
      guard let agoMs = device.heardAgoMs else { continue }
      page.add(Double(agoMs) / 1_000, Self.labels(device))
    }
  }

  private static func labels(_ device: DeviceView) -> KeyValuePairs<String, String> {
    ["device": device.id, "name": device.name ?? ""]
  }

  private mutating func links(_ devices: [DeviceView]) {
    link(
      "bivouac_link_bytes_total", "Bytes on the device's line.", "direction", devices,
      ["in": \.bytesIn, "out": \.bytesOut])
    link(
      "bivouac_link_frames_total", "Frames by what became of them.", "result", devices,
      [
        "good": \.framesGood, "corrupt": \.framesCorrupt, "malformed": \.framesMalformed,
        "unknown": \.framesUnknown,
      ])
    link(
      "bivouac_link_samples_total",
      "Samples of the device; unknown is the most that closed epochs may have lost unsaid.",
      "result", devices,
      [
        "stored": \.samplesStored, "repeated": \.samplesRepeated, "rejected": \.samplesRejected,
        "lost": \.samplesDeclaredLost, "unknown": \.samplesUnknownTail,
      ])
    link(
      "bivouac_link_lines_total", "Lines of text, and of noise.", "kind", devices,
      ["text": \.textLines, "noise": \.noiseLines])
    link(
      "bivouac_link_hellos_total", "HELLOs heard, and those of a board that had rebooted.",
      "kind", devices, ["all": \.hellos, "reboot": \.reboots])
    page.begin("bivouac_link_round_trip_seconds", .gauge, "The last time probe's round trip.")
    for device in devices {
      guard let roundTripUs = device.link?.roundTripUs else { continue }
      page.add(Self.seconds(roundTripUs), Self.labels(device))
    }
  }

  private mutating func link(
    _ name: String, _ help: String, _ label: String, _ devices: [DeviceView],
    _ counts: KeyValuePairs<String, KeyPath<LinkView, UInt64>>
  ) {
    page.begin(name, .counter, help)
    for device in devices {
      guard let link = device.link else { continue }
      for (value, path) in counts {
        page.add(
          Double(link[keyPath: path]),
          ["device": device.id, "name": device.name ?? "", label: value])
      }
    }
  }

  private mutating func readings(_ devices: [DeviceView], bootUs: Int64) {
    page.begin("bivouac_reading", .gauge, "The last value of a channel, in its unit.")
    each(devices) { page, reading, labels in
      if let number = reading.number { page.add(number, labels) }
    }
    page.begin("bivouac_reading_age_seconds", .gauge, "Time since a channel's last value came in.")
    each(devices) { page, reading, labels in
      page.add(Self.seconds(max(0, bootUs - reading.arrivalUs)), labels)
    }
  }

  private mutating func each(
    _ devices: [DeviceView],
    _ body: (inout Exposition, ReadingView, KeyValuePairs<String, String>) -> Void
  ) {
    for device in devices {
      for channel in device.channels {
        guard let reading = channel.last else { continue }
        body(
          &page, reading,
          [
            "device": device.id, "name": device.name ?? "", "channel": channel.key,
            "unit": channel.unit,
          ])
      }
    }
  }
}
