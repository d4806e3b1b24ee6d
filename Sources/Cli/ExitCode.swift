/// What the program's exit code says; scripts rely on it: never renumber.
enum ExitCode: Int32, Sendable {
  /// What was asked was done.
  case success = 0
  /// It was tried, and it did not work.
  case failure = 1
  /// The command line cannot be understood.
  case usage = 2
  /// No daemon answers.
  case noDaemon = 3
  /// This user may not.
  case notPermitted = 4
  /// Nothing has that name, or several have.
  case notFound = 5
}
