extension RegisterFold {
  /// The registers in which several writes stand that do not say the same, in no order: one pass
  /// over all of them.
  public var disputed: [RegisterKey] {
    zip(registers.keys, registers.values).compactMap { key, register in
      guard register.siblings.count > 1, let space = UInt8(exactly: key.number),
        let first = register.siblings.first,
        register.siblings.contains(where: { $0.value != first.value })
      else { return nil }
      return RegisterKey(space: space, bytes: key.bytes)
    }
  }
}
