"""The benchmark: lookups beside a constant body, their latency, cost, growth and memory; then how stock comes in."""
