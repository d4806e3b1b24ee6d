internal import Model
internal import Reactor

/// The time zones of this machine's tz database (Debian's tzdata); those used last are kept.
@Loop final class ZoneFiles {
  /// Why a zone cannot be used.
  enum Failure: Error, Equatable {
    /// There is none of that name; the nearest that there is, if one is near.
    case unknown(nearest: String?)
    /// Its file cannot be read.
    case unreadable(String)
  }

  /// Zones kept; one more, and all are forgotten.
  static let keptMax = 16
  /// The largest list of names, in bytes.
  private nonisolated static let listBytesMax = 1 << 20
  private let folder: String
  private var kept: [String: TimeZoneRules] = [:]

  init(folder: String = "/usr/share/zoneinfo") { self.folder = folder }

  /// The zone of a name, which the file is read for outside the loop.
  func zone(_ name: String) async throws(Failure) -> TimeZoneRules {
    if let zone = kept[name] { return zone }
    guard ZoneName.isValid(name) else { throw .unknown(nearest: nil) }
    let folder = folder
    let zone = try await Task.detached { Self.read(name, folder) }.value.get()
    if kept.count >= Self.keptMax { kept.removeAll() }
    kept[name] = zone
    return zone
  }

  private nonisolated static func read(
    _ name: String, _ folder: String
  ) -> Result<TimeZoneRules, Failure> {
    let bytes: [UInt8]
    do throws(Errno) {
      bytes = try System.readFile("\(folder)/\(name)", bytesMax: ModelLimits.zoneFileBytesMax)
    } catch {
      // A folder among them (Europe) is no zone either.
      return .failure(.unknown(nearest: nearest(to: name, folder)))
    }
    do throws(TimeZoneFileError) {
      return .success(try TimeZoneRules(name: name, file: bytes))
    } catch {
      return .failure(.unreadable("\(error)"))
    }
  }

  /// The nearest name in the database's own list.
  private nonisolated static func nearest(to name: String, _ folder: String) -> String? {
    let list: [UInt8]
    do throws(Errno) {
      list = try System.readFile("\(folder)/tzdata.zi", bytesMax: listBytesMax)
    } catch {
      return nil
    }
    // "Z NAME ..." begins a zone, "L TARGET NAME" is another name for one.
    var names: [String] = []
    for line in list.split(separator: 0x0A) {
      let words = line.split(separator: 0x20, maxSplits: 3)
      if words.count > 1, words[0].elementsEqual("Z".utf8) {
        names.append(String(decoding: words[1], as: UTF8.self))
      } else if words.count == 3, words[0].elementsEqual("L".utf8) {
        names.append(String(decoding: words[2], as: UTF8.self))
      }
    }
    let cities = names.filter { $0.hasSuffix("/" + name) }
    return cities.first ?? EditDistance.nearest(to: name, among: names)
  }
}
