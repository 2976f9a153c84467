"""The receiver that the page on webhooks shows: it takes what we sign and refuses all else without falling over."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from tests.programs.running import PROJECT

PAGE = (PROJECT / "docs" / "WEBHOOKS.md").read_text()
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"type": "webhook.test", "data": {}}'
READY_WITHIN_S = 30.0


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address, while it runs."""
    (sample,) = (text for text in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "HTTPServer" in text)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path: Path = tmp_path_factory.mktemp("receiver") / "receive.py"
    path.write_text(sample.replace("9000", str(port)))
    process = subprocess.Popen(
        [sys.executable, path],
        env={**os.environ, "SECRET": SECRET},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until_s = time.monotonic() + READY_WITHIN_S
    while socket.socket().connect_ex(("127.0.0.1", port)) and time.monotonic() < until_s:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/"
    process.terminate()
    process.wait(30)


def sent(address: str, body: bytes, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, body, named), timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def signed(body: bytes) -> dict[str, str]:
    now = datetime.now(tz=UTC)
    signature = Webhook(SECRET).sign("msg_1", now, body.decode())
    return {"webhook_id": "msg_1", "webhook_timestamp": str(int(now.timestamp())), "webhook_signature": signature}


def test_what_we_sign_is_taken(receiver: str) -> None:
    assert sent(receiver, BODY, **signed(BODY)) == 204


@pytest.mark.parametrize("signature", ["v1,abc", "v1", "", "v1,a,b", "v2,abc", "v1,é", "v1," + "A" * 43 + "="])
def test_a_signature_that_is_none_is_refused(receiver: str, signature: str) -> None:
    assert sent(receiver, BODY, **{**signed(BODY), "webhook_signature": signature}) == 401


@pytest.mark.parametrize(
    ("body", "changed"),
    [(BODY + b" ", {}), (b"\xff", {}), (BODY, {"webhook_timestamp": "nan"}), (BODY, {"webhook_timestamp": "1"})],
)
def test_what_was_not_signed_is_refused(receiver: str, body: bytes, changed: dict[str, str]) -> None:
    assert sent(receiver, body, **{**signed(BODY), **changed}) == 401


def test_without_headers_it_is_refused(receiver: str) -> None:
    assert sent(receiver, BODY) == 401
