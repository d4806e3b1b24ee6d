import Api
import Model

extension FakeNode {
  func clocks() async throws(ServiceError) -> ClocksList { ClocksList(clocks: [Self.clock]) }

  func setClock(_ epoch: String, _ request: ClockOverrideRequest, author: String)
    async throws(ServiceError) -> ClockEpochView
  {
    let at = request.bootUs.map { "\($0)" } ?? "-"
    asked.append("clock \(epoch) \(at)=\(request.utcUs) \(request.note ?? "-") \(author)")
    return Self.clock
  }

  func resetClock(_ epoch: String, author: String) async throws(ServiceError) -> ClockEpochView {
    asked.append("reset \(epoch) \(author)")
    return Self.clock
  }

  nonisolated static let clock = ClockEpochView(
    epoch: String(repeating: "ab", count: 16), number: 1, isPresent: true, lastUs: 5)

  func deletions(_ wanted: FactsRequest) async throws(ServiceError) -> DeletionsPage {
    wantedFacts = wanted
    return DeletionsPage(deletions: [Self.deletion], next: "n")
  }

  func delete(_ request: DeletionRequest, author: String) async throws(ServiceError)
    -> DeletionsPage
  {
    let channel = request.channel ?? "-"
    asked.append(
      "delete \(request.device) \(channel) \(request.fromUs)..<\(request.toUs) \(author)")
    return DeletionsPage(deletions: [Self.deletion])
  }

  func undelete(_ id: String, reason: String, author: String) async throws(ServiceError)
    -> DeletionView
  {
    asked.append("undelete \(id) \(reason) \(author)")
    return Self.deletion
  }

  func lateValues(_ wanted: FactsRequest) async throws(ServiceError) -> LateValuesPage {
    wantedFacts = wanted
    return LateValuesPage(lateValues: [])
  }

  func addLate(_ request: LateValuesRequest, author: String) async throws(ServiceError)
    -> LateValuesView
  {
    asked.append("add \(request.channel) \(request.values.map(\.value)) \(author)")
    return Self.late
  }

  func withdrawLate(_ id: String, reason: String, author: String) async throws(ServiceError)
    -> LateValuesView
  {
    asked.append("withdraw \(id) \(reason) \(author)")
    return Self.late
  }

  func annotations(_ wanted: FactsRequest) async throws(ServiceError) -> AnnotationsPage {
    wantedFacts = wanted
    return AnnotationsPage(annotations: [])
  }

  func annotate(_ request: AnnotationRequest, author: String) async throws(ServiceError)
    -> AnnotationView
  {
    asked.append("annotate \(request.device ?? "-") \(request.text) \(author)")
    return Self.annotation
  }

  func removeAnnotation(_ id: String, reason: String, author: String) async throws(ServiceError)
    -> AnnotationView
  {
    asked.append("remove \(id) \(reason) \(author)")
    return Self.annotation
  }

  private static var deletion: DeletionView {
    DeletionView(
      id: "00ff", device: greenhouse, channel: "temp", fromUs: 1, toUs: 2, reason: "",
      author: "local:1000", atUs: 3, trusted: true)
  }

  private static var late: LateValuesView {
    LateValuesView(
      id: "00ff", device: greenhouse, channel: "ph", unit: "pH", count: 1, times: 1...1,
      boundUs: 0, note: "", author: "local:1000", atUs: 3, trusted: true)
  }

  private static var annotation: AnnotationView {
    AnnotationView(
      id: "00ff", device: nil, channel: nil, fromUs: 1, toUs: 1, text: "x",
      author: "local:1000", atUs: 3, trusted: true)
  }
}
