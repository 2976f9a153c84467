"""Bytes → rows: one file a wire format, no input or output, nothing raised over data but FeedRefusedError."""

from store_sync.formats.lines import ByteSource
from store_sync.formats.reasons import REASONS, Reason
from store_sync.formats.registry import FORMATS, Kind, Parser, parser_for

__all__ = ["FORMATS", "REASONS", "ByteSource", "Kind", "Parser", "Reason", "parser_for"]
