internal import Glibc
internal import Model
internal import Reactor

/// Counts what is written to the disk of the state folder: cards wear out by writing.
///
/// Where the folder lies on a block device of its own number, its counter is read, which counts
/// what every program writes there, the file system's own work included; else what the kernel says
/// that this process has caused.
struct WriteMeter {
  /// How often the whole of a card is taken to be rewritten before it fails: what makers of
  /// ordinary cards promise lies between 100 and 1,000.
  static let rewritesMax: Double = 300
  /// Less time than this says nothing of a day, in µs.
  private static let sampleMinUs: Int64 = 600_000_000
  /// How old a figure may be, in µs.
  private static let ageMaxUs: Int64 = 10_000_000
  private static let sectorBytes: Int64 = 512
  private static let fileBytesMax = 4_096

  private enum Source {
    case device(String)
    case process
  }

  private let source: Source
  /// Bytes that the device has in all; nil where there is none to look at.
  private let deviceBytes: Int64?
  private let firstUs: Int64
  private let firstBytes: Int64?
  private var lastUs: Int64
  private var lastBytes: Int64?

  init(folder: String, nowUs: Int64) {
    var status = stat()
    var found: Source = .process
    var size: Int64?
    if unsafe stat(folder, &status) == 0 {
      let number = UInt64(status.st_dev)
      // The layout of dev_t in Linux: sysmacros.h.
      let major = (number >> 8) & 0xFFF
      let minor = (number & 0xFF) | ((number >> 12) & 0xFFF00)
      let path = "/sys/dev/block/\(major):\(minor)"
      if Self.numbers(path + "/stat").count > 6 {
        found = .device(path + "/stat")
        size = Self.numbers(path + "/size").first.map { $0 * Self.sectorBytes }
      }
    }
    (source, deviceBytes, firstUs, lastUs) = (found, size, nowUs, nowUs)
    firstBytes = Self.written(found)
    lastBytes = firstBytes
  }

  /// Looks again where the last look is too old.
  mutating func refresh(nowUs: Int64) {
    guard nowUs - lastUs >= Self.ageMaxUs else { return }
    lastUs = nowUs
    lastBytes = Self.written(source)
  }

  private static func written(_ source: Source) -> Int64? {
    switch source {
    case .device(let path):
      let numbers = numbers(path)
      return numbers.count > 6 ? numbers[6] * sectorBytes : nil
    case .process:
      guard let text = text("/proc/self/io") else { return nil }
      let line = text.split(separator: "\n").first { $0.hasPrefix("write_bytes:") }
      return line.flatMap { Int64($0.split(separator: " ").last ?? "") }
    }
  }

  private static func text(_ path: String) -> String? {
    do throws(Errno) {
      return String(
        decoding: try System.readFile(path, bytesMax: fileBytesMax), as: UTF8.self)
    } catch {
      return nil
    }
  }

  private static func numbers(_ path: String) -> [Int64] {
    (text(path) ?? "").split { $0 == " " || $0 == "\n" }.compactMap { Int64($0) }
  }

  /// For the status; nil where nothing can be read.
  var view: WearView? {
    guard let firstBytes, let lastBytes, lastBytes >= firstBytes else { return nil }
    return Self.view(
      source: { if case .device = source { "device" } else { "process" } }(),
      written: lastBytes - firstBytes, overUs: lastUs - firstUs, deviceBytes: deviceBytes)
  }

  /// Pure: what so many bytes in so much time come to.
  static func view(
    source: String, written: Int64, overUs: Int64, deviceBytes: Int64?
  ) -> WearView {
    var view = WearView(source: source, writtenBytes: written, overSeconds: overUs / 1_000_000)
    guard overUs >= sampleMinUs else { return view }
    let perDay = Double(written) * 86_400e6 / Double(overUs)
    view.bytesPerDay = Int64(perDay)
    if let deviceBytes, source == "device", perDay >= 1 {
      let years = Double(deviceBytes) * rewritesMax / perDay / 365.25
      view.cardYears = years < 1_000 ? Int64(years) : 1_000
    }
    return view
  }
}
