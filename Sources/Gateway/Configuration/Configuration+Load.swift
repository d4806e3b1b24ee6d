internal import Glibc
public import Model
internal import Reactor

/// What reading the configuration came to.
struct ConfigurationReading: Sendable {
  var configuration: Configuration
  /// The files that were read, in order.
  var files: [String] = []
  var notices: [ConfigurationNotice] = []

  /// Whether everything that was written is used.
  var isUsable: Bool { !notices.contains { $0.severity == .error } }
}

extension Configuration {
  /// Reads a file and the `conf.d` beside it; what is wrong with them becomes notices.
  static func load(file: String) -> (Configuration, [ProblemView]) {
    let reading = read(file: file, folder: folder(of: file))
    return (reading.configuration, reading.notices.map(\.view))
  }

  /// The folder of further files that goes with a file.
  static func folder(of file: String) -> String { System.parent(of: file) + "/conf.d" }

  /// Reads the file, then `*.toml` of the folder by name, each over what came before.
  ///
  /// A file that is not there is no mistake. One that cannot be read or is not TOML is left out as
  /// a whole, a value that cannot be used alone: `lastGood` keeps its value there.
  static func read(
    file: String, folder: String, onto lastGood: Configuration = Configuration()
  ) -> ConfigurationReading {
    var reading = ConfigurationReading(configuration: lastGood)
    reading.read(file)
    for name in reading.names(in: folder) { reading.read(folder + "/" + name) }
    reading.notices = Array(reading.notices.prefix(ConfigurationLimits.noticesMax))
    return reading
  }
}

extension ConfigurationReading {
  fileprivate mutating func read(_ file: String) {
    let text: [UInt8]
    do throws(Errno) {
      text = try System.readFile(file, bytesMax: ConfigurationLimits.fileBytesMax)
    } catch {
      guard error != .noEntry else { return }
      return unreadable(file, error)
    }
    files.append(file)
    do throws(TomlFailure) {
      var reader = ConfigurationReader(file: file)
      reader.read(try TomlDocument.parse(text), onto: &configuration)
      notices += reader.notices
    } catch {
      notices.append(
        ConfigurationNotice(
          severity: .error, cause: .syntax, file: file, line: error.line, key: "",
          why: "this is not TOML, at column \(error.column): \(error.reason)",
          remedy: "correct the line; until then nothing of this file is used",
          parameters: ["column": "\(error.column)", "reason": error.reason]))
    }
  }

  private mutating func unreadable(_ file: String, _ error: Errno) {
    let remedy =
      switch error {
      case .tooBig: "keep it under \(ConfigurationLimits.fileBytesMax) bytes"
      case .accessDenied: "let the daemon's user read it"
      default: "put a readable file there, or remove it"
      }
    notices.append(
      ConfigurationNotice(
        severity: .error, cause: .unreadable, file: file, line: 0, key: "",
        why: "cannot be read: \(error)", remedy: remedy, parameters: ["reason": "\(error)"]))
  }

  /// The files of a folder that count, in the order of their bytes: 10-a before 20-b everywhere.
  fileprivate mutating func names(in folder: String) -> [String] {
    guard let stream = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      // Editors leave hidden files and copies behind: they do not count.
      if name.hasSuffix(".toml"), !name.hasPrefix(".") { names.append(name) }
    }
    names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    if names.count > ConfigurationLimits.filesMax {
      notices.append(
        ConfigurationNotice(
          severity: .error, cause: .tooMany, file: folder, line: 0, key: "",
          why: "more than \(ConfigurationLimits.filesMax) files are there",
          remedy: "put several into one; those after \(names[ConfigurationLimits.filesMax - 1])"
            + " are not used",
          parameters: ["max": "\(ConfigurationLimits.filesMax)"]))
    }
    return Array(names.prefix(ConfigurationLimits.filesMax))
  }
}

/// Checks a configuration as the daemon would read it, for `bivouac config check`.
public enum ConfigurationCheck {
  /// What a check found.
  public struct Outcome: Sendable {
    /// The files that were read, in order.
    public let files: [String]
    /// Warnings and errors, with file and line.
    public let problems: [ProblemView]
    /// Whether everything that was written is used.
    public let isUsable: Bool
  }

  /// Reads the named file, or the usual one, with the `conf.d` beside it. A file that was named
  /// has to be there.
  public static func run(file: String?) -> Outcome {
    let path = file ?? Configuration.usualFile
    var reading = Configuration.read(file: path, folder: Configuration.folder(of: path))
    if let file, !System.exists(file) {
      reading.notices.append(
        ConfigurationNotice(
          severity: .error, cause: .unreadable, file: file, line: 0, key: "",
          why: "is not there", remedy: "name an existing file, or none",
          parameters: ["reason": "\(Errno.noEntry)"]))
    }
    return Outcome(
      files: reading.files, problems: reading.notices.map(\.view), isUsable: reading.isUsable)
  }
}
