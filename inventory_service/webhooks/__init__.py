"""Webhooks out: what changed is told to those who subscribe to it (docs/WEBHOOKS.md)."""
