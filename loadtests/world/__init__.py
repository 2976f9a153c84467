"""A seeded world of retailers, stores, products and shelves; loaded by our own commands, asked over HTTP.

`python -m loadtests.world --positions 10M --data-dir DIR` makes one; `stored.opened(DIR)` reads back what was made, for
`traffic.targets` and `changes.changes`.
"""
