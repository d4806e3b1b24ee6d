/// The symbols of a coded column: distances of zigzag form below 32 have one each, longer ones
/// share one for each length and have their bits below the highest behind it.
enum SymbolCode {
  /// Symbols that there are: 32 distances, and lengths of 6 to 64 bits.
  static let symbolCount = 91
  /// The longest code, in bits.
  static let lengthMax = 11
  private static let directEnd: UInt64 = 32
  private static let directLength = 5

  /// The symbol of a distance in zigzag form.
  @inline(__always)
  static func symbol(of distance: UInt64) -> Int {
    distance < directEnd ? Int(distance) : Int(directEnd) + bitLength(distance) - directLength - 1
  }

  /// Bits behind the code of a symbol.
  @inline(__always)
  static func extraBits(_ symbol: Int) -> Int {
    symbol < Int(directEnd) ? 0 : symbol - Int(directEnd) + directLength
  }

  /// The lengths of a Huffman code for symbols that occur so often: 0 for one that does not.
  ///
  /// The two least of all trees are joined, symbols before trees of the same weight, in the order
  /// of the symbols and then of their making. Where that takes more than 11 bits, every count is
  /// halved, rounded up, and all begins again. A symbol alone has one bit.
  static func lengths(_ counts: InlineArray<91, Int>) -> InlineArray<91, UInt8> {
    var weights = counts
    while true {
      let lengths = huffman(weights)
      var longest: UInt8 = 0
      for symbol in 0..<symbolCount { longest = max(longest, lengths[symbol]) }
      if longest <= UInt8(lengthMax) { return lengths }
      for symbol in 0..<symbolCount { weights[symbol] = (weights[symbol] + 1) / 2 }
    }
  }

  private static func huffman(_ weights: InlineArray<91, Int>) -> InlineArray<91, UInt8> {
    var lengths = InlineArray<91, UInt8>(repeating: 0)
    var leaves: [Int] = []
    for symbol in 0..<symbolCount where weights[symbol] > 0 { leaves.append(symbol) }
    if leaves.count == 1 { lengths[leaves[0]] = 1 }
    guard leaves.count > 1 else { return lengths }
    leaves.sort { (weights[$0], $0) < (weights[$1], $1) }
    // Leaves first, then the trees in the order of their making, which is that of their weights.
    var weight = leaves.map { weights[$0] }
    var parent = [Int](repeating: 0, count: 2 * leaves.count - 1)
    var nextLeaf = 0
    var nextTree = leaves.count
    func take() -> Int {
      if nextLeaf < leaves.count, nextTree >= weight.count || weight[nextLeaf] <= weight[nextTree] {
        nextLeaf += 1
        return nextLeaf - 1
      }
      nextTree += 1
      return nextTree - 1
    }
    for tree in leaves.count..<parent.count {
      let first = take()
      let second = take()
      parent[first] = tree
      parent[second] = tree
      weight.append(weight[first] + weight[second])
    }
    var depth = [UInt8](repeating: 0, count: parent.count)
    for node in stride(from: parent.count - 2, through: 0, by: -1) {
      depth[node] = depth[parent[node]] + 1
      if node < leaves.count { lengths[leaves[node]] = depth[node] }
    }
    return lengths
  }

  /// The codes that go with the lengths: shorter ones first, of equals by the symbol, counted up;
  /// with their bits turned round, since a code is read from its lowest bit.
  static func codes(_ lengths: InlineArray<91, UInt8>) -> InlineArray<91, UInt16> {
    var codes = InlineArray<91, UInt16>(repeating: 0)
    var next: UInt16 = 0
    for length in 1...lengthMax {
      next &<<= 1
      for symbol in 0..<symbolCount where Int(lengths[symbol]) == length {
        codes[symbol] = turned(next, length)
        next &+= 1
      }
    }
    return codes
  }

  private static func turned(_ code: UInt16, _ length: Int) -> UInt16 {
    var rest = code
    var turned: UInt16 = 0
    for _ in 0..<length {
      turned = turned &<< 1 | rest & 1
      rest &>>= 1
    }
    return turned
  }
}
