internal import Glibc
internal import Reactor
internal import Synchronization

/// The end of the program: the first exit code that is reached counts, and stops the loop.
final class End: Sendable {
  private let value = Atomic<Int32>(-1)

  /// The exit code; failure when none was reached.
  var code: Int32 {
    let code = value.load(ordering: .acquiring)
    return code < 0 ? ExitCode.failure.rawValue : code
  }

  func reach(_ code: ExitCode) { reach(raw: code.rawValue) }

  func reach(raw code: Int32) {
    _ = value.compareExchange(expected: -1, desired: code, ordering: .acquiringAndReleasing)
    EventLoop.shared.stop()
  }
}

/// Ctrl-C and SIGTERM while a verb runs: the verb ends in order where it knows how, else at once
/// with the code that shells give.
@Loop final class Interrupts {
  private var source: SignalSource?

  init(_ conversation: Conversation, _ end: End) {
    do {
      source = try SignalSource([SIGINT, SIGTERM, SIGHUP]) { [weak conversation] signal in
        if conversation?.onInterrupt?() == true {
          conversation?.onInterrupt = nil  // a second one ends at once
        } else {
          end.reach(raw: 128 + signal)
        }
      }
    } catch {
      conversation.output.note(conversation.say(.answerNotUnderstood(error.description)))
    }
  }
}
