"""The page of settings tells every setting, with its default and what it means."""

from pathlib import Path

from inventory_service.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "SETTINGS.md"


def shown(default: object) -> str:
    if default is None:
        return "unset"
    return f"`{int(default)}`" if isinstance(default, bool) else f"`{default}`"


def test_every_setting_stands_in_the_page_with_its_default_and_meaning() -> None:
    told = {line for line in PAGE.read_text().splitlines() if line.startswith("| `")}
    expected = {
        f"| `{name.upper()}` | {shown(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    }
    assert told == expected
