"""From the change log to Redis, and keeping the two alike."""
