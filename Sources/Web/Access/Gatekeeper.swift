public import Reactor

/// Knows people and programs by what their requests carry. A server without one knows only
/// processes of its own machine.
@Loop public protocol Gatekeeper: AnyObject, Sendable {
  /// Who asks, by the head of the request alone; nil for nobody that it knows.
  func caller(of head: Request) -> Caller?
}
