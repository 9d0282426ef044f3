"""Plain pages and checks: ``/``, ``/health``, ``/ready``, ``/metrics``."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, Response, current_app, jsonify, render_template_string
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from exporters.snapshot import Snapshot

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Exporters</title></head>
<body><h1>Exporters</h1>
<p>The user interface is Grafana. This process keeps the store and answers:</p>
<ul>{% for path in paths %}<li><a href="{{ path }}">{{ path }}</a></li>{% endfor %}</ul>
<table><tr><th>Part</th><th>State</th><th>Reason</th></tr>
{% for name, part in parts.items() %}<tr><td>{{ name }}</td><td>{{ "ready" if part.ready else "not ready" }}</td>\
<td>{{ part.reason }}</td></tr>
{% endfor %}</table></body></html>
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """From how many seconds on a part counts as not ready."""

    lag_seconds: float
    batch_age_seconds: float


@dataclass(frozen=True, slots=True)
class PartState:
    """Whether one part of the pipeline does its work, and why one thinks so."""

    ready: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Status:
    """What the state of every part is told from; ``extra_parts`` gives those that this process cannot judge itself."""

    snapshot: Callable[[], Snapshot]
    limits: Limits
    now: Callable[[], datetime]
    extra_parts: Callable[[], Mapping[str, PartState]] = dict

    def parts(self) -> dict[str, PartState]:
        """Return the state of each part."""
        snapshot, now = self.snapshot(), self.now()
        return {
            "sink": _sink_state(snapshot.freshness_seconds(now), self.limits.lag_seconds),
            "streaming": _streaming_state(snapshot.seconds_since_batch(now), self.limits.batch_age_seconds),
            **self.extra_parts(),
        }


def _sink_state(freshness: float | None, limit: float) -> PartState:
    if freshness is None:
        return PartState(ready=False, reason="has not read anything yet; does Kafka run?")
    if freshness == 0:
        return PartState(ready=True, reason="caught up")
    return PartState(freshness <= limit, f"up to {freshness:.0f} s behind, allowed are {limit:.0f} s")


def _streaming_state(age: float | None, limit: float) -> PartState:
    if age is None:
        return PartState(ready=False, reason="no micro-batch has ended yet; do streaming and a producer run?")
    return PartState(age <= limit, f"the newest micro-batch ended {age:.0f} s ago, allowed are {limit:.0f} s")


def status_blueprint(state: Status, registry: CollectorRegistry) -> Blueprint:
    """Return the routes outside the API."""
    status = Blueprint("status", __name__)

    @status.get("/")
    def index() -> ResponseReturnValue:
        return render_template_string(_PAGE, paths=_pages(), parts=state.parts())

    @status.get("/health")
    def health() -> ResponseReturnValue:
        return jsonify({"status": "ok", "reason": None})

    @status.get("/ready")
    def ready() -> ResponseReturnValue:
        parts = state.parts()
        is_ready = all(part.ready for part in parts.values())
        body = {"ready": is_ready, "parts": {name: asdict(part) for name, part in parts.items()}}
        return jsonify(body), HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE

    @status.get("/metrics")
    def metrics() -> ResponseReturnValue:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return status


def _pages() -> list[str]:
    """Return every path that a browser can open, those of the API last."""
    rules = [rule for rule in current_app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    paths = {rule.rule.rstrip("/") for rule in rules} - {""}
    return sorted(paths, key=lambda path: (path.startswith("/api/"), path))
