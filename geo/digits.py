"""Numbers as decimal digits, compiled."""

from geo.compiled import compiled

ZERO = ord("0")


@compiled
def digits_of(value):
    """How many digits a whole number ≥ 0 has."""
    digits, rest = 1, value // 10
    while rest:
        digits, rest = digits + 1, rest // 10
    return digits


@compiled
def write_number(out, at, value):
    """Writes a whole number ≥ 0 into the bytes `out[at:]`; returns where it ends."""
    end = at + digits_of(value)
    for place in range(end - 1, at - 1, -1):
        out[place] = ZERO + value % 10
        value //= 10
    return end
