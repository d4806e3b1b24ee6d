import Api
import Model

extension FakeNode {
  func retentionView() async throws(ServiceError) -> RetentionView {
    RetentionView(
      standard: RetentionRuleView(raw: "forever", minutes: "forever", quota: "none"),
      databaseQuota: nil, agesCount: false, settings: [], went: [], unseen: 0)
  }

  func retention(of device: String) async throws(ServiceError) -> DeviceRetentionView {
    asked.append("retention \(device)")
    return DeviceRetentionView(device: device, said: nil, channels: [])
  }

  func setRetention(
    _ device: String, _ request: RetentionRequest, author: String
  ) async throws(ServiceError) -> RetentionSettingView {
    asked.append(
      "retain \(device) \(request.channel ?? "-") \(request.raw ?? "-") "
        + "\(request.minutes ?? "-") \(request.quota ?? "-") \(author)")
    return RetentionSettingView(
      device: device, channel: request.channel, said: RetentionRuleView(raw: request.raw),
      rule: RetentionRuleView(raw: "90d", minutes: "2y", quota: "none"))
  }

  func resetRetention(
    _ device: String, channel: String?, author: String
  ) async throws(ServiceError) {
    asked.append("reset \(device) \(channel ?? "-") \(author)")
  }

  func acknowledge(
    _ request: AcknowledgeRequest, author: String
  ) async throws(ServiceError) -> RetentionView {
    asked.append("acknowledge \(request.id ?? "-") \(request.note ?? "-") \(author)")
    return try await retentionView()
  }
}
