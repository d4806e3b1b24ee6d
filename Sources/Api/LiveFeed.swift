internal import Model
internal import Reactor
internal import Web

/// Everything that changes, as one numbered sequence that any number of viewers follow.
///
/// It listens to the node while somebody views, and a while longer, so that a viewer who was cut
/// off finds what was said meanwhile. Each event is encoded once for all viewers.
@Loop final class LiveFeed {
  private struct Entry {
    let number: UInt64
    let devices: [String]
    let bytes: [UInt8]
    /// How many of the bytes are its id; they keep their place when a later value replaces it, so
    /// that a viewer who comes back goes on from there and finds all that stood between.
    let idCount: Int
    /// The same for every value of one channel: a slow viewer gets the last.
    let key: UInt64?

    @Loop func write(to writer: StreamWriter) {
      writer.write(bytes, replacing: key, keeping: idCount)
    }
  }

  private struct Viewer {
    let writer: StreamWriter
    /// The devices that were asked for, as they were written; none for all.
    let names: [String]
    /// The ids that these names have meant so far: a port becomes a device once it has spoken.
    var devices: Set<String>
  }

  private let node: any NodeService
  /// Makes the ids of this run of the daemon unlike those of the last.
  private let run: String
  private var subscription: Int?
  private var viewers: [Int: Viewer] = [:]
  private var viewersBegun = 0
  private var entries: [Entry] = []
  private var head = 0
  private var lastNumber: UInt64 = 0
  private var linger: LoopTimer?
  private var keys: [String: UInt64] = [:]
  private var keysGiven: UInt64 = 0

  init(_ node: any NodeService) {
    self.node = node
    run = String(UInt32(truncatingIfNeeded: Clock.bootUs() / 1_000), radix: 36)
    linger = LoopTimer { [weak self] in self?.rest() }
  }

  /// Begins to write to a viewer: first what was missed since `lastEventId`, then what comes.
  ///
  /// No names mean all devices.
  func open(_ writer: StreamWriter, names: [String], lastEventId: String?) {
    linger?.cancel()
    if subscription == nil {
      subscription = node.subscribe { [weak self] event in self?.publish(event) }
    }
    viewersBegun += 1
    let number = viewersBegun
    let viewer = Viewer(writer: writer, names: names, devices: ids(of: names))
    viewers[number] = viewer
    // Something at once: the client learns that it is heard, and from where it would go on.
    let isFresh = lastEventId == nil
    writer.write(
      ServerSentEvent(id: isFresh ? id(lastNumber) : nil, event: "open", data: "{}"))
    if let lastEventId { replay(after: lastEventId, to: viewer) }
    writer.onClose { [weak self] in self?.close(number) }
  }

  /// How many follow.
  var viewerCount: Int { viewers.count }

  private func close(_ number: Int) {
    viewers[number] = nil
    if viewers.isEmpty { linger?.arm(afterUs: ApiLimits.liveLingerUs) }
  }

  private func rest() {
    guard viewers.isEmpty, let subscription else { return }
    node.unsubscribe(subscription)
    self.subscription = nil
    entries = []
    head = 0
    // What happens from now on is numbered by nobody: a viewer who comes back must see a hole.
    lastNumber += 1
  }

  private func ids(of names: [String]) -> Set<String> {
    var ids: Set<String> = []
    for name in names {
      do throws(ServiceError) {
        ids.insert(try node.device(name).id)
      } catch {
        continue  // it means nothing now, or too much; what it meant before still counts
      }
    }
    return ids
  }

  private func publish(_ event: LiveEvent) {
    lastNumber += 1
    if event.device != nil {
      for (number, viewer) in viewers where !viewer.names.isEmpty {
        viewers[number]?.devices.formUnion(ids(of: viewer.names))
      }
    }
    do {
      let data = String(decoding: try JSON.encode(event), as: UTF8.self)
      let id = id(lastNumber)
      let entry = Entry(
        number: lastNumber, devices: event.devices,
        bytes: ServerSentEvent(id: id, event: event.name, data: data).encoded,
        idCount: ServerSentEvent.idBytes(id), key: event.reading.map(key(of:)))
      keep(entry)
      for viewer in viewers.values where Self.concerns(entry, viewer) {
        entry.write(to: viewer.writer)
      }
    } catch {
      // It has no JSON form: its number is skipped, which is what a viewer should know of it.
    }
  }

  /// A number of its own for every channel of every device, as long as this process runs.
  private func key(of reading: ReadingView) -> UInt64 {
    let name = reading.device + "\0" + reading.channel
    if let key = keys[name] { return key }
    // Channels come with devices: beyond the bound all numbers are given anew, and a slow viewer
    // sees a value too many.
    if keys.count >= ApiLimits.liveChannelsMax { keys = [:] }
    keysGiven += 1
    keys[name] = keysGiven
    return keysGiven
  }

  private func keep(_ entry: Entry) {
    entries.append(entry)
    if entries.count - head > ApiLimits.liveEventsKept { head += 1 }
    if head > ApiLimits.liveEventsKept {
      entries.removeFirst(head)
      head = 0
    }
  }

  private func replay(after lastEventId: String, to viewer: Viewer) {
    let parts = lastEventId.split(separator: "-")
    guard parts.count == 2, parts[0] == run, let seen = UInt64(parts[1]), seen <= lastNumber,
      seen == lastNumber || (entries[head...].first.map { $0.number <= seen + 1 } ?? false)
    else {
      viewer.writer.write(
        ServerSentEvent(id: id(lastNumber), event: "missed", data: "{}"))
      return
    }
    for entry in entries[head...] where entry.number > seen && Self.concerns(entry, viewer) {
      entry.write(to: viewer.writer)
    }
  }

  private func id(_ number: UInt64) -> String { "\(run)-\(number)" }

  private static func concerns(_ entry: Entry, _ viewer: Viewer) -> Bool {
    // What is about no device is about all of them.
    viewer.names.isEmpty || entry.devices.isEmpty
      || entry.devices.contains { viewer.devices.contains($0) }
  }
}

extension LiveEvent {
  /// The name of the event on the stream.
  var name: String {
    if reading != nil { return "reading" }
    if device != nil { return "device" }
    if history != nil { return "history" }
    if alarm != nil { return "alarm" }
    return command != nil ? "command" : "question"
  }

  /// The devices it is about.
  var devices: [String] {
    [
      reading?.device, device?.id, command?.device, question?.device, history?.device,
      alarm?.content?.device,
    ].compactMap { $0 }.filter { !$0.isEmpty }
  }
}
