"""Figures as a run may find them; nobody has measured them."""

from typing import Any

GIB = 1 << 30
AT_HALF = {"p50_ms": 1.0, "p90_ms": 2.0, "p99_ms": 4.0, "p99_9_ms": 9.0, "max_ms": 12.0, "rps": 5_000.0}
AT_HALF |= {"results_per_answer": 6.5, "client_late_p99_ms": 0.4}
COST = {"server_cpu_us": 60.0, "rps": 16_000.0, "p50_ms": 1.0, "p99_ms": 3.0, "results_per_answer": 10.0, "not_200": 0}
VISIBLE = {"visible": 900, "visible_p50_ms": 20.0, "visible_p99_ms": 60.0, "visible_p99_9_ms": 90.0}
VISIBLE |= {"visible_p90_ms": 30.0, "visible_max_ms": 95.0}
VISIBLE |= {"never_visible": 0, "changes_per_s": 5_000, "changes_asked_per_s": 5_000.0, "workers": 2}
VISIBLE |= {"changes_ran_out": False, "pss_bytes": 2 * GIB, "peak_rps": 10_000.0}
FIGURES: dict[str, Any] = {
    "world": "demo",
    "positions": 10_000_000,
    "lookup_rps": 15_000.0,
    "noop_rps": 30_000.0,
    "ratio": 0.5,
    "ratios": [0.5],
    "cpu_ratio": 0.5,
    "cpu_us_per_lookup": 62.0,
    "cpu_us_per_noop": 31.0,
    "noop_core_share": 0.98,
    "noop_core_held": True,
    "results_per_answer": 10.0,
    "body_bytes": 7_200,
    "cost_cold": {"1": COST, "128": COST},
    "cost_warm": {"1": COST, "128": COST},
    "not_200": 0,
    "warming": {"rps": [9_000.0, 14_000.0, 14_200.0], "step_s": 2.0, "is_steady": True},
    "peak_rps": 10_000.0,
    "peak_results_per_answer": 5.5,
    "at_half": AT_HALF,
    "under_changes": {**AT_HALF, **VISIBLE, "workers": 1},
    "several_workers": {**AT_HALF, **VISIBLE},
    "redis_bytes_per_position": 15.0,
    "pss_bytes": GIB,
    "worker_rss_bytes": GIB // 4,
    "cold_start_ready_s": 2.0,
    "cold_start_answer_s": 2.1,
    "warm_up_positions_per_s": 1_000_000,
}
SMALLER = {**FIGURES, "positions": 1_000_000, "lookup_rps": 16_000.0, "at_half": {**AT_HALF, "p99_ms": 3.2}}
