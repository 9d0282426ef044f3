"""The README tells the settings as they are."""

from pathlib import Path

from contracts.settings import settings_table
from local.live_stack import LiveSettings

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_settings_table_is_that_of_the_settings() -> None:
    settings = settings_table(LiveSettings)
    rows = [f"| `{name}` | {f'`{default}`' if default else ''} | {meaning} |" for name, default, meaning in settings]
    table = "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])
    assert table in README.read_text(encoding="utf-8"), f"the README needs this table:\n{table}"
