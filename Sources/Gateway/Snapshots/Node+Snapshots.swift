internal import Api
internal import Model
internal import Reactor
internal import Storage
internal import Sync

/// Keeping pictures: first the bytes, then the manifest, and the oldest bytes go.
extension Node {
  /// Looks at what contents are here; what comes meanwhile waits for it.
  func lookAtSnapshots() {
    guard System.exists(SnapshotStore.path(in: settings.stateFolder)) else { return }
    let (fold, store) = (snapshots.fold, snapshotStore())
    let removesOthers = snapshots.isWhole && fold.isWhole
    snapshots.look = Task { @Loop [weak self] in
      do throws(DatabaseError) {
        let found = try await store.open(named: fold.contents, removesOthers: removesOthers)
        self?.snapshots.contents = found
        await self?.keepSnapshotQuota()
      } catch {
        self?.note(ofSnapshots: error)
      }
    }
  }

  func addSnapshot(
    _ wanted: SnapshotRequest, of device: String, author: String
  ) async throws(ServiceError) -> SnapshotView {
    let takenUs = Clock.bootUs()
    let identity = owner(of: try find(device))
    if let gateway = gateway(of: identity) {
      throw SnapshotText.elsewhere(identity, sites?.name(of: gateway) ?? "\(gateway)")
    }
    let mediaType = try SnapshotText.mediaType(wanted)
    let note = try FactText.checked(wanted.note, "note", Limits.snapshotNoteBytesMax)
    await snapshots.look?.value
    let store = snapshotStore()
    let hash = await store.hash(wanted.content)
    snapshots.pending[hash, default: 0] += 1
    defer { endPending(hash) }
    let taken = SnapshotTaken(
      device: identity, mediaType: mediaType, size: Int64(wanted.content.count), hash: hash,
      takenUs: takenUs, note: note)
    try await keep(wanted.content, of: taken)
    do throws(ServiceError) {
      try await recorder.write(.snapshotTaken(taken), author: author)
    } catch {
      await abandon(hash)
      throw error
    }
    log.write(
      .info, "snapshot.added", ["device": identity.text, "bytes": "\(taken.size)", "by": author])
    await keepSnapshotQuota()
    let now = ClockObservation.now()
    let utcUs = now.wallUs - (now.bootUs - takenUs)
    return view(
      of: taken, gateway: nil, author: author,
      Dating(utcUs: utcUs, boundUs: now.trusted ? now.errorUs : nil, quality: .provisional))
  }

  /// Brings a content to the disk, where there is room for it beside what must stay free.
  private func keep(_ content: [UInt8], of taken: SnapshotTaken) async throws(ServiceError) {
    let lacking = snapshotLack(taken.size)
    if lacking > 0 {
      _ = await dropSnapshots(freeing: lacking)
      guard snapshotLack(taken.size) == 0 else { throw SnapshotText.noRoom(taken.size) }
    }
    do throws(DatabaseError) {
      snapshots.contents = try await snapshotStore().put(
        content, hash: taken.hash, wallUs: Clock.wallUs())
    } catch {
      note(ofSnapshots: error)
      throw error.kind == .full ? SnapshotText.noRoom(taken.size) : Problems.service(error)
    }
  }

  private func snapshotLack(_ size: Int64) -> Int64 {
    let folder = settings.stateFolder
    guard let total = DiskSpace.totalBytes(folder), let free = DiskSpace.freeBytes(folder) else {
      return 0
    }
    return SnapshotBook.lacking(
      size, diskBytes: total, freeBytes: free, databaseBytes: retention.space?.bytes ?? 0)
  }

  /// Takes a content away whose manifest did not reach the disk, unless another one names it.
  private func abandon(_ hash: [UInt8]) async {
    guard !snapshots.fold.names(hash), snapshots.pending[hash] == 1 else { return }
    do throws(DatabaseError) {
      snapshots.contents = try await snapshotStore().remove(hash)
    } catch {
      // The next start takes it away.
      note(ofSnapshots: error)
    }
  }

  private func endPending(_ hash: [UInt8]) {
    let left = (snapshots.pending[hash] ?? 1) - 1
    snapshots.pending[hash] = left == 0 ? nil : left
  }

  private func snapshotStore() -> SnapshotStore {
    if let store = snapshots.store { return store }
    let store = SnapshotStore(stateFolder: settings.stateFolder)
    snapshots.store = store
    return store
  }

  // MARK: What goes

  /// Lets the oldest contents go until the rest keeps within the quota.
  private func keepSnapshotQuota() async {
    guard let quota = snapshots.quotaBytes, snapshots.contents.bytes > quota else { return }
    _ = await dropSnapshots(downTo: quota, why: "quota")
  }

  /// Lets the oldest contents go for want of room: before anything that devices said does.
  /// Whether any went.
  func dropSnapshots(freeing bytes: Int64) async -> Bool {
    guard snapshots.contents.bytes > 0 else { return false }
    return await dropSnapshots(downTo: max(0, snapshots.contents.bytes - bytes), why: "room")
  }

  private func dropSnapshots(downTo bytes: Int64, why: String) async -> Bool {
    guard let store = snapshots.store else { return false }
    do throws(DatabaseError) {
      let dropped = try await store.drop(downTo: bytes, sparing: Set(snapshots.pending.keys))
      snapshots.contents = dropped.contents
      guard dropped.count > 0 else { return false }
      log.write(.notice, "snapshots.dropped", ["count": "\(dropped.count)", "why": why])
      return true
    } catch {
      note(ofSnapshots: error)
      return false
    }
  }

  private func note(ofSnapshots error: DatabaseError) {
    log.write(.error, "snapshots.failed", ["cause": error.cause, "remedy": error.remedy])
  }
}

/// Showing pictures.
extension Node {
  func snapshots(of device: String?, limit: Int) async throws(ServiceError) -> SnapshotsPage {
    let wanted = try identities(device)
    await snapshots.look?.value
    let entries = snapshots.fold.entries(of: wanted)
    let dates: [Dating]
    do throws(DatabaseError) {
      dates = try await history.dates(
        entries.map {
          (NodeTime(clockEpoch: $0.clockEpoch, bootUs: $0.taken.takenUs), $0.stamp)
        })
    } catch {
      throw Problems.service(error)
    }
    // Of one time the record of the higher number is the newer one.
    let order = entries.indices.sorted {
      (dates[$0].utcUs, entries[$0].record.seq) > (dates[$1].utcUs, entries[$1].record.seq)
    }
    return SnapshotsPage(
      snapshots: order.prefix(limit).map { view(of: entries[$0], dates[$0]) },
      total: entries.count, storedBytes: snapshots.contents.bytes,
      quotaBytes: snapshots.quotaBytes)
  }

  func snapshot(_ hash: String) async throws(ServiceError) -> SnapshotFile {
    guard let bytes = Hex.bytes(hash[...]), let entry = named(bytes) else {
      throw SnapshotText.unknown(hash)
    }
    await snapshots.look?.value
    if let store = snapshots.store {
      let (content, contents) = await store.read(bytes)
      snapshots.contents = contents
      if let content {
        return SnapshotFile(content: content, mediaType: entry.taken.mediaType.name)
      }
    }
    let gateway = shownGateway(entry.record.origin)
    switch snapshots.place(of: entry.taken, isOwn: gateway == nil) {
    case .damaged:
      log.write(.error, "snapshot.damaged", ["hash": hash])
      throw SnapshotText.damaged(hash)
    case .elsewhere: throw SnapshotText.content(at: gateway ?? "", hash)
    case .here, .gone: throw SnapshotText.gone(hash)
    }
  }

  /// A manifest that names a content: this node's own first.
  private func named(_ hash: [UInt8]) -> SnapshotFold.Entry? {
    let entries = snapshots.fold.entries(naming: hash)
    return entries.first { settings.isOwn($0.record.origin) } ?? entries.first
  }

  private func shownGateway(_ origin: NodeId) -> String? {
    settings.isOwn(origin) ? nil : sites?.name(of: origin) ?? "\(origin)"
  }

  private func view(of entry: SnapshotFold.Entry, _ date: Dating) -> SnapshotView {
    view(
      of: entry.taken, gateway: shownGateway(entry.record.origin), author: entry.stamp.author,
      date)
  }

  private func view(
    of taken: SnapshotTaken, gateway: String?, author: String, _ date: Dating
  ) -> SnapshotView {
    SnapshotView(
      hash: Hex.text(taken.hash), device: owner(of: taken.device).text, gateway: gateway,
      takenUs: date.utcUs, boundUs: date.boundUs, mediaType: taken.mediaType.name,
      size: taken.size, note: taken.note.isEmpty ? nil : taken.note, author: author,
      content: snapshots.place(of: taken, isOwn: gateway == nil))
  }
}
