"""Ed25519 after RFC 8032, section 5.1: slow and plain, so that the vectors owe nothing to libsodium."""
import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def inverse(x):
    return pow(x, P - 2, P)


def add(a, b):
    """Points as (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    i, j, k, l = f - e, h - g, h + g, f + e
    return (i * j % P, k * l % P, j * k % P, i * l % P)


def multiply(scalar, point):
    total = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def base_point():
    y = 4 * inverse(5) % P
    xx = (y * y - 1) * inverse(D * y * y + 1) % P
    x = pow(xx, (P + 3) // 8, P)
    if x * x % P != xx:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x & 1:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = base_point()


def encoded(point):
    z = inverse(point[2])
    x, y = point[0] * z % P, point[1] * z % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def expanded(seed):
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little")
    scalar = scalar & ((1 << 254) - 8) | 1 << 254
    return scalar, digest[32:]


def hashed(data):
    return int.from_bytes(hashlib.sha512(data).digest(), "little") % L


def public(seed):
    return encoded(multiply(expanded(seed)[0], BASE))


def sign(seed, message):
    scalar, prefix = expanded(seed)
    key = encoded(multiply(scalar, BASE))
    r = hashed(prefix + message)
    point = encoded(multiply(r, BASE))
    s = (r + hashed(point + key + message) * scalar) % L
    return point + s.to_bytes(32, "little")


if __name__ == "__main__":
    # RFC 8032, section 7.1, test 2.
    SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    assert public(SEED).hex().startswith("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f1")
    assert sign(SEED, b"\x72").hex().endswith("8c387b2eaeb4302aeeb00d291612bb0c00")
    print("ok")
