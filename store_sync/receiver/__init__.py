"""The sync receiver: files, events and webhooks over HTTP, and what became of them (docs/RECEIVER.md)."""
