"""HTTP/1.1 as far as a client needs it who knows what it will get: a status and a body of a stated length."""

HEAD_END = b"\r\n\r\n"
LENGTH = b"\r\nContent-Length: "
BODILESS = (b"304", b"204")


def request(target: bytes) -> bytes:
    return b"GET %b HTTP/1.1\r\nHost: bench\r\n\r\n" % target


def status(answer: bytes) -> bytes:
    return answer[9:12]


def measures(received: bytes) -> tuple[int, int] | None:
    """(bytes of the answer, bytes of its body); None until its head is there. Raises ValueError without a length."""
    head_end = received.find(HEAD_END)
    if head_end < 0:
        return None
    begin = head_end + len(HEAD_END)
    if received[9:12] in BODILESS:
        return begin, 0
    found = received.find(LENGTH, 0, head_end)
    if found < 0:
        return _by_any_case(received, begin)
    body = int(received[found + len(LENGTH) : received.index(b"\r", found + len(LENGTH))])
    return begin + body, body


def _by_any_case(received: bytes, begin: int) -> tuple[int, int]:
    for line in received[:begin].split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return begin + int(value), int(value)
    raise ValueError("An answer without Content-Length.")
