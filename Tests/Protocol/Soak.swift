import Glibc

/// Whether the long form of the tests was asked for.
let isSoak = unsafe getenv("BIVOUAC_SOAK") != nil
