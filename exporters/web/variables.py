"""``/variables``: the choices of Grafana's drop-downs."""

from dataclasses import replace

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from contracts.times import from_epoch_ms
from exporters.store.incident_queries import Incident, recent_incidents
from exporters.store.name_queries import endpoint_names, service_names
from exporters.store.pool import CursorPool, Row
from exporters.store.selection import Filter
from exporters.web.filters import Clock, asked_filter
from exporters.web.incident_rows import types
from exporters.web.wording import plain

MAX_INCIDENTS = 200
"""Choices of incidents, those of the range and others together."""


def variables_blueprint(pool: CursorPool, now: Clock) -> Blueprint:
    """Return the routes."""
    api = Blueprint("variables", __name__, url_prefix="/api/v1/variables")

    @api.get("/services")
    def services() -> ResponseReturnValue:
        return jsonify(service_choices(pool, asked_filter(request.args, ("service",), now())))

    @api.get("/endpoints")
    def endpoints() -> ResponseReturnValue:
        return jsonify(endpoint_choices(pool, asked_filter(request.args, ("service",), now())))

    @api.get("/incidents")
    def incidents() -> ResponseReturnValue:
        return jsonify(incident_choices(pool, asked_filter(request.args, ("service", "severity"), now())))

    return api


def service_choices(pool: CursorPool, asked: Filter) -> list[Row]:
    """Return the services that had requests in the range."""
    return [_choice(name, name) for name in service_names(pool, asked)]


def endpoint_choices(pool: CursorPool, asked: Filter) -> list[Row]:
    """Return the endpoints that had requests in the range."""
    return [_choice(name, name) for name in endpoint_names(pool, asked)]


def incident_choices(pool: CursorPool, asked: Filter) -> list[Row]:
    """Return the incidents of the range, newest first, then others, so that one that is linked to can be chosen."""
    incidents = recent_incidents(pool, replace(asked, limit=min(asked.limit, MAX_INCIDENTS)))
    return [_choice(_title(incident), incident.incident_id) for incident in incidents]


def _title(incident: Incident) -> str:
    dot = "● " if incident.is_open else ""
    began = f"{from_epoch_ms(incident.started_ms):%H:%M}"
    return plain(f"{dot}{began} {incident.services[0]}: {types(incident)}")


def _choice(text: str, value: str) -> Row:
    return {"__text": text, "__value": value}
