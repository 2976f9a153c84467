"""Predictions beside the truth and both baselines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from loadtests.calibration.baselines import Asked, Faded, Record
from loadtests.calibration.commands import Prediction, asked
from loadtests.calibration.scores import Numbers, brier, ece, log_loss

BASELINES = ("brier_record", "brier_record_fitted", "brier_record_faded")


@dataclass(frozen=True, slots=True)
class Judged:
    """Questions that something was known about: P of it, whether it was so, and what the record said."""

    likely: Numbers
    found: Numbers
    asked: Asked

    @classmethod
    def of(cls, truths: Iterable[Mapping[str, Any]], predictions: Mapping[str, Prediction]) -> "Judged":
        pairs = [(predictions[truth["id"]], truth) for truth in truths]
        known = [(one, truth) for one, truth in pairs if one["probability"] is not None]
        return cls(
            np.array([one["probability"] for one, _ in known], float),
            np.array([truth["pieces"] >= truth["quantity"] for _, truth in known], float),
            asked([one for one, _ in known], [truth["quantity"] for _, truth in known]),
        )

    @classmethod
    def all_of(cls, parts: Sequence["Judged"]) -> "Judged":
        columns = {name: np.concatenate([getattr(one.asked, name) for one in parts]) for name in Asked.__slots__}
        return cls(
            np.concatenate([one.likely for one in parts]),
            np.concatenate([one.found for one in parts]),
            Asked(**columns),
        )


@dataclass(frozen=True, slots=True)
class Baselines:
    """Both baselines, with constants fitted to what was judged in the training worlds."""

    record: Record
    faded: Faded

    @classmethod
    def of(cls, training: Judged) -> "Baselines":
        return cls(Record.fitted(training.asked, training.found), Faded.fitted(training.asked, training.found))

    def figures(self, judged: Judged) -> dict[str, float]:
        """Scores of the model and of what others do: the record at its word, 0 or 1; with fitted constants; faded."""
        found, record, faded = judged.found, self.record.forecast(judged.asked), self.faded.forecast(judged.asked)
        word = judged.asked.claims / 2.0
        figures = {
            "questions": len(found),
            "ece": ece(judged.likely, found),
            "brier": brier(judged.likely, found),
            "brier_record": brier(word, found),
            "brier_record_fitted": brier(record, found),
            "brier_record_faded": brier(faded, found),
            "log_loss": log_loss(judged.likely, found),
            "log_loss_record_fitted": log_loss(record, found),
            "log_loss_record_faded": log_loss(faded, found),
        }
        return {name: round(value, 4) for name, value in figures.items()}


def told(name: str, figures: Mapping[str, float]) -> str:
    """One line for people."""
    below = {other: 1.0 - figures["brier"] / figures[other] for other in BASELINES}
    return (
        f"{name:22} ECE {figures['ece']:.3f}  Brier {figures['brier']:.4f}  record {figures['brier_record']:.4f}"
        f" ({below['brier_record']:+.1%} better)  fitted {figures['brier_record_fitted']:.4f}"
        f" ({below['brier_record_fitted']:+.1%} better)  faded {figures['brier_record_faded']:.4f}"
        f" ({below['brier_record_faded']:+.1%} better)"
    )
