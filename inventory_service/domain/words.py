"""Text as a search looks at it."""

import re
import unicodedata

_APART = re.compile(r"[^\w]+", re.UNICODE)


def normalised(text: str) -> str:
    """Case-folded, without accents, words parted by single blanks: "Café  CRÈME!" → "cafe creme"."""
    plain = text
    if not text.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _APART.sub(" ", plain.casefold()).strip()
