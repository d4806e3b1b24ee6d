/// The bytes of a text that stands in the program itself, as `DescriptorBuilder` takes them.
@_lifetime(immortal)
func text(_ text: StaticString) -> Span<UInt8> {
  let bytes = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  let span = unsafe Span(_unsafeElements: bytes)
  // Constants are never freed.
  return unsafe _overrideLifetime(span, copying: ())
}
