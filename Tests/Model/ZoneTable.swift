import Glibc
import Model

/// When the clocks of time zones change, as Python's zoneinfo and the C library know it.
///
/// Python runs in a child process: it reads the same files of the tz database by code of its own,
/// and asks the C library's localtime.
enum ZoneTable {
  /// A change of offset; the first of each zone stands at the beginning of the time asked for.
  struct Change: Hashable, CustomStringConvertible {
    var zone: String
    var seconds: Int64
    var offset: Int64
    var description: String { "\(zone) \(seconds) \(offset)" }
  }

  struct Failure: Error { var lines: [String] }

  /// 1900 to 2100.
  static let from: Int64 = -2_208_988_800
  static let to: Int64 = 4_102_444_800
  static let zones = [
    "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia",
    "Africa/Casablanca", "America/Sao_Paulo", "Etc/UTC", "America/St_Johns", "Europe/Dublin",
    "Africa/Monrovia", "Antarctica/Troll", "America/Scoresbysund", "Pacific/Kwajalein",
  ]

  /// Goes day by day and halves where the offset differs.
  private static let script = """
    import datetime, os, sys, time, zoneinfo
    EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    def offsets_of(source, name):
        if source == "zoneinfo":
            zone = zoneinfo.ZoneInfo(name)
            return lambda t: int((EPOCH + datetime.timedelta(seconds=t)).astimezone(zone)
                .utcoffset().total_seconds())
        os.environ["TZ"] = name
        time.tzset()
        return lambda t: time.localtime(t).tm_gmtoff
    source, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for name in sys.argv[4:]:
        offset = offsets_of(source, name)
        before = offset(first)
        print(name, first, before)
        for day in range(first, last, 86400):
            after = offset(day + 86400)
            if after == before:
                continue
            low, high = day, day + 86400
            while high - low > 1:
                middle = (low + high) // 2
                if offset(middle) == before:
                    low = middle
                else:
                    high = middle
            print(name, high, offset(high))
            before = after
    """

  /// Every change of the zones, as `source` (zoneinfo or glibc) tells it.
  static func changes(_ source: String) throws -> [Change] {
    let arguments = (["\(from)", "\(to)"] + zones).joined(separator: " ")
    let command = "/usr/bin/python3 -c '\(script)' \(source) \(arguments)"
    guard let pipe = unsafe popen(command, "r") else { throw Failure(lines: ["popen"]) }
    var text: [UInt8] = []
    while case let byte = unsafe fgetc(pipe), byte != EOF { text.append(UInt8(byte)) }
    guard unsafe pclose(pipe) == 0 else { throw Failure(lines: ["python"]) }
    return try String(decoding: text, as: UTF8.self).split(separator: "\n").map { line in
      let words = line.split(separator: " ")
      guard words.count == 3, let seconds = Int64(words[1]), let offset = Int64(words[2]) else {
        throw Failure(lines: [String(line)])
      }
      return Change(zone: String(words[0]), seconds: seconds, offset: offset)
    }
  }

  /// The bytes of a zone of this machine's tz database.
  static func file(_ name: String) throws -> [UInt8] {
    guard let file = unsafe fopen("/usr/share/zoneinfo/\(name)", "r") else {
      throw Failure(lines: [name])
    }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = unsafe fgetc(file), byte != EOF { bytes.append(UInt8(byte)) }
    return bytes
  }

  /// A zone of this machine's tz database.
  static func zone(_ name: String) throws -> TimeZoneRules {
    try TimeZoneRules(name: name, file: file(name))
  }
}
