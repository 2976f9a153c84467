"""`python -m loadtests.calibration`: how far the probability is from the truth.

Fits on simulated retailers by our own commands, judges on others, with other seeds and other rates; beside it, the
record as it is and the record faded with age, whose constants are fitted on the same retailers. The last line is one
JSON object.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loadtests.calibration import checklist, phantom, retailers, therapeutics
from loadtests.calibration.diagram import Curve, drawn
from loadtests.calibration.judged import Baselines, Judged, told
from loadtests.calibration.scores import reliability
from loadtests.calibration.worlds import HELD_OUT, TRAINING

BELOW_RECORD, BELOW_FADED, MOST_ECE, LIST_OVER_RANDOM = 0.30, 0.15, 0.03, 2.0


def main() -> None:
    asked = _asked()
    with tempfile.TemporaryDirectory() as scratch:
        figures = _figures(Path(scratch), asked)
    print(json.dumps(figures | {"bars": _bars(figures)}), flush=True)


def _figures(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    print(f"Fitting on {len(TRAINING)} retailers, judging on {len(HELD_OUT)} others.", flush=True)
    parameters = retailers.fitted(folder)
    usual = retailers.baselines(folder, parameters)
    both = retailers.judged(folder, HELD_OUT, parameters)
    figures = _judged(usual, both)
    figures |= phantom.followed(folder, parameters)
    print(f"Phantom stock, by missing sale: {figures['phantom_by_missing_sale']}, listed: {figures['phantom_listed']}")
    print(f"A healthy slow seller meanwhile: {figures['slow_seller_meanwhile']}", flush=True)
    figures |= checklist.cuts(folder, parameters)
    print(f"Looks by the check list cut the Brier score {figures['list_over_random']} times as much as at random.")
    curves = [Curve("simulated, held out", reliability(*_pair([own for _, own in both])))]
    if asked.therapeutics is not None and asked.therapeutics.is_dir():
        real, curve = therapeutics.judged(folder, asked.therapeutics)
        figures["therapeutics"] = real
        curves.append(curve)
        print(told("therapeutics, real", real), flush=True)
    if asked.plot is not None:
        asked.plot.write_text(drawn(curves))
    return figures


def _judged(usual: Baselines, both: Sequence[tuple[Judged, Judged]]) -> dict[str, Any]:
    for world, (_, own) in zip(HELD_OUT, both, strict=True):
        print(told(f"{world.name} ({world.habits.feed})", usual.figures(own)))
    afar = usual.figures(Judged.all_of([one for one, _ in both]))
    print(told("all, never heard of", afar))
    figures = usual.figures(Judged.all_of([own for _, own in both]))
    print(told("all", figures))
    for one in reliability(*_pair([own for _, own in both])):
        print(f"  said {one.predicted:.3f}, was {one.observed:.3f} of {one.number}")
    return figures | {"never_heard_of": afar}


def _pair(parts: Sequence[Judged]) -> tuple[Any, Any]:
    every = Judged.all_of(parts)
    return every.likely, every.found


def _bars(figures: dict[str, Any]) -> dict[str, bool]:
    bars = {
        "ece": figures["ece"] <= MOST_ECE,
        "record": figures["brier"] <= (1.0 - BELOW_RECORD) * figures["brier_record"],
        "record_fitted": figures["brier"] <= (1.0 - BELOW_RECORD) * figures["brier_record_fitted"],
        "record_faded": figures["brier"] <= (1.0 - BELOW_FADED) * figures["brier_record_faded"],
        "phantom": figures["phantom_by_missing_sale"][4] < 0.5 and figures["phantom_listed"],
        "slow_seller": min(figures["slow_seller_meanwhile"]) >= 0.5 and not figures["slow_seller_listed"],
        "check_list": figures["list_over_random"] >= LIST_OVER_RANDOM,
    }
    if real := figures.get("therapeutics"):
        for score in ("brier", "log_loss"):
            least = min(real[f"{score}_record_fitted"], real[f"{score}_record_faded"])
            bars[f"therapeutics_{score}"] = real[score] <= least
    return bars


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m loadtests.calibration", description=__doc__)
    parser.add_argument("--therapeutics", type=Path, help="folder of the Therapeutic Locator's snapshots")
    parser.add_argument("--plot", type=Path, help="SVG file for the reliability diagram")
    return parser.parse_args()


if __name__ == "__main__":
    main()
