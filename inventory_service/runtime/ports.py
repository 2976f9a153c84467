"""Ports that cannot be had."""

import os

from inventory_service.domain.errors import ConfigurationError


def unheard(host: str, port: int, error: OSError) -> ConfigurationError:
    """Why nobody can be listened to there."""
    reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
    return ConfigurationError(f"{host}:{port} cannot be listened on: {reason}.")
