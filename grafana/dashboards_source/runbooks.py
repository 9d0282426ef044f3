"""Runbooks: one page per alert, so that they can be read in Grafana while everything else is down."""

import re
from pathlib import Path

from grafana.dashboards_source.navigation import PIPELINE, TITLES
from grafana.schema.dashboards import Dashboard
from grafana.schema.links import dashboard_link
from grafana.schema.panels import Place
from grafana.schema.texts import Text

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "runbooks"

_NOT_A_RUNBOOK = "README"
_HEADLINE = re.compile(r"\A# \S+\n+")
_TO_RUNBOOK = re.compile(r"\]\((\w+)\.md\)")
_TO_OTHER_PAGE = re.compile(r"\[([^\]]+)\]\(\.\./[^)]+\)")
_WIDTH, _HEIGHT = 18, 30
"""A line of about 120 characters, and more than a screen: what is longer scrolls."""


def runbook_url(alert: str) -> str:
    """Return where the runbook of an alert is shown, below Grafana's own address.

    >>> runbook_url("ServiceDown")
    '/d/runbook-ServiceDown'
    """
    return f"/d/{_uid(alert)}"


def runbooks(folder: Path = FOLDER) -> tuple[Dashboard, ...]:
    """Return a page for each runbook of a folder.

    Raises:
        OSError: a file cannot be read.
    """
    return tuple(_page(path) for path in sorted(folder.glob("*.md")) if path.stem != _NOT_A_RUNBOOK)


def _page(path: Path) -> Dashboard:
    markdown = _HEADLINE.sub("", path.read_text(encoding="utf-8"))
    return Dashboard(
        uid=_uid(path.stem),
        title=f"Runbook {path.stem}",
        description=f"What to do about the alert {path.stem}.",
        tag="runbook",
        refresh="",
        links=(dashboard_link(TITLES[PIPELINE], PIPELINE, with_variables=False),),
        panels=(Text(_within_grafana(markdown), Place(0, 0, _WIDTH, _HEIGHT)),),
    )


def _uid(alert: str) -> str:
    return f"runbook-{alert}"


def _within_grafana(markdown: str) -> str:
    """Point links at pages that Grafana has; of the others their words remain."""
    linked = _TO_RUNBOOK.sub(lambda link: f"]({runbook_url(link[1])})", markdown)
    return _TO_OTHER_PAGE.sub(r"\1", linked)
