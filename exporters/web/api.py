"""The JSON API: flat arrays of flat rows under ``/api/v1``, one blueprint per topic."""

from flask import Blueprint

from exporters.store.pool import CursorPool
from exporters.web.accounting_api import accounting_blueprint
from exporters.web.annotations import annotations_blueprint
from exporters.web.filters import Clock
from exporters.web.incidents_api import incidents_blueprint
from exporters.web.injections_api import injections_blueprint
from exporters.web.metrics_api import metrics_blueprint
from exporters.web.timeline_api import timeline_blueprint
from exporters.web.variables import variables_blueprint


def api_blueprints(pool: CursorPool, now: Clock) -> tuple[Blueprint, ...]:
    """Return every topic that only reads."""
    return (
        metrics_blueprint(pool, now),
        accounting_blueprint(pool),
        incidents_blueprint(pool, now),
        injections_blueprint(pool, now),
        timeline_blueprint(pool, now),
        annotations_blueprint(pool, now),
        variables_blueprint(pool, now),
    )
