"""Load and measurement: drives the programs by their commands and HTTP, and imports nothing of theirs."""
