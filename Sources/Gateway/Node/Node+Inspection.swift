internal import Model
internal import Reactor
internal import Storage

/// Goes through everything stored, a little at a time, and says what is not as it was written.
extension Node {
  /// Between two slices, in microseconds: queries come between.
  static let inspectionPauseUs: Int64 = 20_000
  /// After the end, until it begins anew, in microseconds: a day.
  static let inspectionIntervalUs: Int64 = 86_400_000_000

  /// Looks at the next slice, and arms the timer for the one after it.
  func inspect() {
    guard !isInspecting else { return }
    isInspecting = true
    if inspection.isComplete { inspection = Inspection() }
    Task { @Loop in
      await inspectSlice()
      isInspecting = false
    }
  }

  private func inspectSlice() async {
    let before = inspection
    do throws(DatabaseError) {
      inspection = try await history.inspect(before)
    } catch {
      guard error.kind != .closed else { return }
      log.write(.error, "storage.inspection.failed", ["cause": error.description])
      if !error.isTransient { replaceNotice(Problems.view(error)) }
      inspectionTimer?.arm(afterUs: Self.inspectionIntervalUs)
      return
    }
    note(inspection.damages.dropFirst(before.damages.count), of: inspection.damageCount)
    guard inspection.isComplete else {
      inspectionTimer?.arm(afterUs: Self.inspectionPauseUs)
      return
    }
    if inspection.damageCount == 0 {
      notices.removeAll { $0.code == "storage.altered" && $0.parameters["found"] == "inspection" }
    }
    log.write(
      .info, "storage.inspected",
      [
        "commits": "\(inspection.commits)", "damages": "\(inspection.damageCount)",
        "structure": "\(inspection.isStructureChecked)",
      ])
    inspectionTimer?.arm(afterUs: Self.inspectionIntervalUs)
  }

  private func note(_ damages: ArraySlice<Damage>, of count: Int) {
    guard let first = inspection.damages.first, !damages.isEmpty else { return }
    for damage in damages {
      log.write(.error, "storage.damage", ["path": settings.databasePath, "what": "\(damage)"])
    }
    replaceNotice(
      Problems.altered(first, count: count, found: "inspection", path: settings.databasePath))
  }

  /// What the opening found.
  func noteDamages(of opening: StoreOpening) {
    let path = settings.databasePath
    for damage in opening.damages {
      log.write(.error, "storage.damage", ["path": path, "what": "\(damage)"])
    }
    let lost = opening.damages.filter { $0.kind != .rebuilt }
    if lost.count < opening.damages.count { notices.append(Problems.rebuilt(path)) }
    if let first = lost.first {
      let count = opening.damageCount - (opening.damages.count - lost.count)
      notices.append(Problems.altered(first, count: count, found: "opening", path: path))
    }
  }

  private func replaceNotice(_ notice: ProblemView) {
    notices.removeAll {
      $0.code == notice.code && $0.parameters["found"] == notice.parameters["found"]
    }
    notices.append(notice)
  }

  /// How far it has come, for the status.
  var inspectionView: InspectionView {
    InspectionView(
      state: inspection.isComplete ? "done" : "running", commits: inspection.commits,
      damages: inspection.damageCount, structureChecked: inspection.isStructureChecked)
  }
}
