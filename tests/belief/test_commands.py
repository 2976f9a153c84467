"""`python -m inventory_service confidence`."""

import subprocess
import sys
from pathlib import Path

import orjson

from tests.belief.test_fitting import store, told

PROJECT = Path(__file__).resolve().parents[2]


def ran(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "inventory_service", "confidence", *words]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)


def test_parameters_are_fitted_shown_and_tried(tmp_path: Path) -> None:
    history, held = tmp_path / "history.jsonl", tmp_path / "held.json"
    question = orjson.loads(told(1, "question", 39.9)) | {"id": "q", "at": "2026-04-10T00:00:00Z"}
    history.write_bytes(b"\n".join([*store(5, phantoms=0.2), orjson.dumps(question)]))
    assert ran("fit", str(history), "--out", str(held)).returncode == 0
    assert orjson.loads(ran("show", "--parameters", str(held)).stdout) == orjson.loads(held.read_bytes())
    (answer,) = ran("try", str(history), "--parameters", str(held)).stdout.splitlines()
    assert orjson.loads(answer)["id"] == "q"
    assert 0.0 < orjson.loads(answer)["probability"] < 1.0


def test_a_file_that_cannot_be_read_is_told_in_one_sentence(tmp_path: Path) -> None:
    done = ran("try", str(tmp_path / "nothing.jsonl"))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    (tmp_path / "other.json").write_text("{}")
    assert ran("show", "--parameters", str(tmp_path / "other.json")).returncode == 2
