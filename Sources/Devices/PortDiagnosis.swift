internal import CUdev
internal import Glibc
internal import Reactor

/// Finds out what a person can do about a port that does not open: which group to join, who holds
/// it. On a thread of its own, since name services and /proc take their time.
public actor PortDiagnosis {
  private nonisolated let executor = ThreadExecutor(name: "diagnosis")

  /// The thread that runs it.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// Starts the thread.
  public init() {}

  /// The same error, with the group or the holders where they can be found.
  public func explain(_ error: PortError) -> PortError { Self.explained(error) }

  /// The other processes that have a node open, at most `DeviceLimits.holdersMax`.
  public func holders(of devnode: String) -> [PortHolder] { Self.holders(devnode) }

  /// Ends the thread, after what it is doing.
  public nonisolated func shutDown() { executor.shutDown() }

  static func explained(_ error: PortError) -> PortError {
    var error = error
    switch error.cause {
    case .permissionDenied: error.group = group(error.devnode)
    case .held: error.holders = holders(error.devnode)
    case .noSuchPort, .vanished, .notATerminal, .tooManyFiles, .system: break
    }
    return error
  }

  /// The group that may read and write the node; empty when none may, or only root's.
  static func group(_ devnode: String) -> String {
    var device: UInt64 = 0
    var group: UInt32 = 0
    var mode: UInt32 = 0
    guard unsafe cserial_node(devnode, &device, &group, &mode) == 0 else { return "" }
    guard mode & 0o060 == 0o060, group != 0 else { return "" }
    var name = [CChar](repeating: 0, count: 64)
    guard unsafe cserial_group_name(group, &name, name.count) == 0 else { return "\(group)" }
    return String(
      decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  static func holders(_ devnode: String) -> [PortHolder] {
    var device: UInt64 = 0
    var group: UInt32 = 0
    var mode: UInt32 = 0
    guard unsafe cserial_node(devnode, &device, &group, &mode) == 0 else { return [] }
    var processes: [Int32] = []
    unsafe withUnsafeMutablePointer(to: &processes) { list in
      unsafe cserial_holders(
        device, Int32(DeviceLimits.processesScannedMax),
        Int32(DeviceLimits.filesScannedPerProcessMax),
        { context, process in
          unsafe context?.assumingMemoryBound(to: [Int32].self).pointee.append(process)
        }, list)
    }
    return processes.filter { $0 != getpid() }.sorted().prefix(DeviceLimits.holdersMax).map {
      PortHolder(processId: $0, name: name(of: $0))
    }
  }

  private static func name(of process: Int32) -> String {
    do {
      let bytes = try System.readFile("/proc/\(process)/comm", bytesMax: 64)
      return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    } catch {
      return ""  // It has ended meanwhile.
    }
  }
}
