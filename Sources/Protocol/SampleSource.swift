/// Where the encoder of SAMPLES finds samples: a ring, or a list in a test.
public protocol SampleSource: ~Copyable, ~Escapable {
  /// The sample with this seq, which is between the bounds given to the encoder; never text.
  borrowing func sample(at seq: UInt32) -> Sample
}
