/// The name of a time zone, as the tz database writes it: `Europe/Paris`.
public enum ZoneName {
  /// Whether a text can be a zone's name, and so may become part of a file's path.
  ///
  /// Letters, digits, `+`, `-` and `_` in parts divided by single slashes; no part begins with
  /// anything but a letter, so neither `..` nor an absolute path passes.
  public static func isValid(_ text: String) -> Bool {
    guard (1...ModelLimits.zoneNameBytesMax).contains(text.utf8.count) else { return false }
    return text.utf8.split(separator: 0x2F, omittingEmptySubsequences: false).allSatisfy { part in
      guard let first = part.first, isLetter(first) else { return false }
      return part.allSatisfy { byte in
        isLetter(byte) || (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x5F].contains(byte)
      }
    }
  }

  /// Whether a name means UTC itself, for which no file is needed.
  public static func isUtc(_ name: String) -> Bool {
    ["UTC", "Etc/UTC", "Z", "GMT", "Etc/GMT"].contains(name)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }
}
