"""Keeps the widget as it is now as the release of its version: python -m inventory_service.web.widget_release."""

import sys

from inventory_service.web.widget_source import RELEASED, VERSION, integrity, joined_script, released


def main() -> None:
    """Prints the line that docs/WIDGET.md needs. A version that has another text already is refused."""
    script = joined_script()
    if released().get(VERSION, script) != script:
        sys.exit(f"{VERSION} has been released with another text: raise VERSION in widget_source.py.")
    RELEASED.mkdir(exist_ok=True)
    (RELEASED / f"{VERSION}.js").write_text(script, encoding="utf-8")
    print(f"| {VERSION} | `{integrity(script)}` |")


if __name__ == "__main__":
    main()
