"""Our own commands, driven as anybody would."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from loadtests.calibration.baselines import Asked

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""Two commands run at once; arrays are too small to share."""
Prediction = dict[str, Any]


def fit(history: Path, out: Path, *options: str) -> Path:
    """Parameters, written to `out`. Raises CalledProcessError."""
    _ran("fit", str(history), "--out", str(out), *options)
    return out


def tried(history: Path, parameters: Path | None = None) -> dict[str, Prediction]:
    """Predictions by the name of their question. Raises CalledProcessError."""
    options = () if parameters is None else ("--parameters", str(parameters))
    lines = _ran("try", str(history), *options).splitlines()
    return {one["id"]: one for one in map(orjson.loads, lines)}


def asked(predictions: Sequence[Prediction], quantities: Sequence[int]) -> Asked:
    """What the record said, for the baselines."""
    pairs = list(zip(predictions, quantities, strict=True))
    return Asked(
        np.array([_claim(one, quantity) for one, quantity in pairs], np.int64),
        np.array([one["still_s"] for one in predictions], float),
        np.maximum(np.array([one["silent_s"] for one in predictions], float), 0.0),
    )


def _claim(prediction: Prediction, quantity: int) -> int:
    if prediction["low"] >= quantity:
        return 2
    return 0 if prediction["high"] is not None and prediction["high"] < quantity else 1


def _ran(*arguments: str) -> bytes:
    command = [sys.executable, "-m", "inventory_service", "confidence", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, env=os.environ | ONE_THREAD).stdout
