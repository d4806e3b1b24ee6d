/// A whole board: hardware, application, and the session between them.
enum Board {
  /// The loop of the firmware, started once after reset; does not return.
  ///
  /// - Parameters:
  ///   - capacity: the number of samples that the ring holds, 24 bytes each.
  ///   - hardware: what is in the microcontroller.
  ///   - application: what this board measures and carries out.
  static func run<
    let capacity: Int, Hardware: BoardHardware & ~Copyable,
    Application: BoardApplication & ~Copyable
  >(
    capacity: Capacity<capacity>, hardware: consuming Hardware,
    application: consuming Application
  ) {
    var settings = application.settings
    settings.hardwareHint = hardware.hardwareHint
    settings.windowBytes = hardware.receiveBytesMax
    // A variable of its own: inside a larger value the session would be made once and moved, which
    // takes twice its size of stack.
    var session = DeviceSession<capacity>(
      settings: settings, ticks: hardware.ticks(), nonce: hardware.random())
    var port = BoardPort(hardware: hardware, application: application)
    while true {
      let ticks = port.hardware.ticks()
      port.application.turn(ticks: ticks, session: &session)
      session.poll(ticks: ticks, port: &port)
      if port.hardware.idle() { session.sleepEnded(ticks: port.hardware.ticks()) }
    }
  }

  /// The size of a ring, as a type.
  struct Capacity<let samples: Int> {}
}
