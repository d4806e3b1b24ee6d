internal import Glibc
internal import Model
internal import Reactor

/// Where the further sites of a hub lie: each in a folder of its own with its own key and database,
/// `sites/NAME` in the daemon's state folder. These folders are all that says which ones there are.
enum SiteFolders {
  static func path(of place: String, in stateFolder: String) -> String {
    stateFolder + "/sites/" + place
  }

  /// The sites that have a folder, by name. What has no name of a site is left alone.
  static func places(in stateFolder: String) -> [String] {
    let folder = stateFolder + "/sites"
    guard let stream = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(stream) }
    var places: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if SitePlace.isValid(name), name != SitePlace.main, System.isFolder(folder + "/" + name) {
        places.append(name)
      }
    }
    return places.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
