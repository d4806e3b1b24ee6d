/// Where the firmware begins, called by start.S.
@main struct Main {
  static func main() {
    let page = BenchPage()
    Board.run(
      capacity: Board.Capacity<1024>(), hardware: VirtHardware(page: page),
      application: BenchApplication(page: page))
  }
}
