internal import Devices
internal import Model
internal import Sync
internal import Web

/// The daemon's configuration: every key has a default, so that no file at all works.
struct Configuration: Sendable, Equatable {
  /// Where the configuration stands when nobody says otherwise.
  static let usualFile = "/etc/bivouac/bivouac.toml"

  /// How the file's author names a port.
  enum PortSelector: Hashable, Sendable {
    case identity(DeviceIdentity)
    /// A node, `/dev/ttyUSB0`; it may be renumbered at every plug.
    case node(String)
    /// udev's ID_PATH, `pci-0000:00:14.0-usb-0:2:1.0`: the socket, whatever is in it.
    case socket(String)
  }

  /// What the file says of one port; nil where it says nothing.
  struct Port: Sendable, Equatable {
    var selector: PortSelector
    var speedBaud: UInt32?
    /// Whether it is opened when found at start; nil follows `open_at_start` and its kind.
    var opensAtStart: Bool?
    var kind: DeviceKind?
  }

  var stateFolder = "/var/lib/bivouac"
  /// nil: in the usual place.
  var socketPath: String?
  /// Whether it is a hub, which looks for no devices.
  var isHub = false
  var logLevel = Log.Level.info
  /// The loss window of sources that cannot keep their own data.
  var commitIntervalSeconds = 10
  var openAtStart = DeviceRegistry.OpenAtStart.known
  /// Whether `bivouac simulate` may hand over boards.
  var simulationAllowed = true
  var ports: [Port] = []
  var http = Http()
  var sync = Sync()
  var tls = Tls()
  var retention = Retention()
  var snapshots = Snapshots()
  var mail = Mail()

  /// How this node tells people of alarms.
  struct Mail: Sendable, Equatable {
    /// `smtp://host:587`, with STARTTLS, or `smtps://host`; nil: no mail.
    var server: String?
    /// Whose the mails are.
    var from: String?
    /// Who signs in; nil for nobody.
    var user: String?
    /// The file with the password, which others must not be able to read.
    var passwordFile: String?
    /// Authorities to trust instead of the system's, also for webhooks.
    var authorities: String?
    /// How long a hub leaves it to another node to tell of its alarms, in s; 0: for ever.
    var standInSeconds: Int64 = 120
  }

  /// Records from and to other nodes.
  struct Sync: Sendable, Equatable {
    /// Where other nodes reach this one; nowhere unless it is said. Nothing but `/sync` is there.
    var listen: [InternetAddress] = []
    /// Whether they reach it by TLS there.
    var tls = false
    /// What an invitation says of where this node is, as through a proxy; empty: the first address.
    var url = ""
    /// What this node is called where its site names it; empty: the machine's name.
    var label = ""
    /// Whose readings it asks of the nodes that it calls.
    var readings = Readings.all

    /// Whose readings a node asks for. The words are what operators write: never rename.
    enum Readings: String, Sendable, CaseIterable {
      /// All of the site's.
      case all
      /// Those that it recorded itself, and lost.
      case own
    }
  }

  /// What this node shows where it speaks TLS, and whom it takes for whom.
  struct Tls: Sendable, Equatable {
    /// The file of a certificate of one's own, with those of who signed it; nil: one that is made.
    var certificate: String?
    /// The file of its key; nil: in the file of the certificate.
    var key: String?
    /// Authorities to trust instead of the system's, of other nodes without a pin.
    var authorities: String?
  }

  /// How long readings are kept, and in how much room.
  struct Retention: Sendable, Equatable {
    /// What holds where nobody said anything of a channel.
    var rule = RetentionRule()
    /// How long readings that have their age stay after a keeper has proven to have them, in µs.
    var keepAfterAckUs = RetentionRule.keepAfterAckUs
    /// What the database may take.
    var quota = RoomJudge.Quota.reserve
    /// The file that keeps room; 0 for none.
    var ballastBytes: Int64 = 16_000_000
  }

  /// Pictures of devices.
  struct Snapshots: Sendable, Equatable {
    /// What their bytes may take together; nil for no quota of their own.
    var quotaBytes: Int64? = 256_000_000
  }

  /// The page and the API over the network of this machine.
  struct Http: Sendable, Equatable {
    /// Where to listen; none turns it off.
    var listen = ["127.0.0.1:8420", "[::1]:8420"].compactMap(Http.address)
    /// Where the page and the API are served to other machines, by TLS alone.
    var https: [InternetAddress] = []
    /// Further names that a browser may use, as behind a proxy.
    var names: [String] = []
    /// The folder of the pages.
    var web = "/usr/share/bivouac/web"
    /// The folder of Debian's libraries for pages.
    var libraries = "/usr/share/javascript"

    static func address(_ text: String) -> LoopbackAddress? {
      do throws(LoopbackAddress.Failure) {
        return try LoopbackAddress(text)
      } catch {
        return nil
      }
    }
  }
}

/// The bounds of a configuration.
enum ConfigurationLimits {
  /// Files in `conf.d`; the rest, in the order of their names, are not read and a notice says so.
  static let filesMax = 64
  /// Bytes of one file; a longer one is not read and a notice says so.
  static let fileBytesMax = 256 << 10
  /// Ports that may be described; the rest are ignored and a notice says so.
  static let portsMax = 256
  /// Notices kept of one loading; the rest are dropped: the first ones are to be mended first.
  static let noticesMax = 100
  /// Seconds between two commits: at most a minute is lost, at least a second of rest.
  static let commitIntervalSeconds: ClosedRange<Int64> = 1...60
  /// Line speeds, in baud, that a serial port of Linux can have at all.
  static let speedBaud: ClosedRange<Int64> = 50...4_000_000
  /// Addresses to listen on, and further names; more are an error.
  static let addressesMax = 8, namesMax = 32
  /// Bytes that the database may be held to, and that the ballast may take.
  static let databaseQuotaBytes: ClosedRange<Int64> = 4_000_000...1_000_000_000_000_000
  static let ballastBytes: ClosedRange<Int64> = 100_000...1_000_000_000
  /// Bytes that pictures of devices may be held to: one always has room.
  static let snapshotQuotaBytes: ClosedRange<Int64> = 10_000_000...1_000_000_000_000_000
  /// Bytes that one channel may be held to.
  static let channelQuotaBytes: ClosedRange<Int64> = 100_000...1_000_000_000_000_000
  /// Bytes in the path of a socket, by the kernel's own bound.
  static let socketPathBytesMax = 107
}
