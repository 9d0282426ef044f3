"""The Flask application."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, Response, request
from flask.json.provider import DefaultJSONProvider
from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector
from pydantic import SecretStr
from werkzeug.exceptions import RequestEntityTooLarge

from exporters.instruments import Instruments
from exporters.snapshot import Snapshot
from exporters.store.pool import CursorPool
from exporters.web.api import api_blueprints
from exporters.web.authorization import require_token
from exporters.web.catch_up import CatchUp
from exporters.web.errors import ParameterError, install_error_handlers
from exporters.web.exposition import SnapshotCollector
from exporters.web.openmetrics import openmetrics_blueprint
from exporters.web.simpod import simpod_blueprint
from exporters.web.sql_api import sql_blueprint
from exporters.web.status import Limits, PartState, Status, status_blueprint


class CompactJson(DefaultJSONProvider):
    """JSON without blanks and, because no reader understands it, without NaN."""

    compact = True
    sort_keys = False

    def dumps(self, obj: Any, **kwargs: Any) -> str:  # noqa: ANN401 - the signature of Flask
        """Return the text.

        Raises:
            ValueError: a number is not finite.
        """
        return super().dumps(obj, allow_nan=False, **kwargs)


def create_app(  # noqa: PLR0913 - its parts and its settings
    pool: CursorPool,
    snapshot: Callable[[], Snapshot],
    instruments: Instruments,
    now: Callable[[], datetime],
    *,
    limits: Limits,
    max_body_bytes: int,
    api_token: SecretStr | None = None,
    sql_enabled: bool = False,
    extra_parts: Callable[[], Mapping[str, PartState]] = dict,
    blueprints: Sequence[Blueprint] = (),
    collectors: Sequence[Collector] = (),
) -> Flask:
    """Return a fresh application over the given store and snapshot.

    Args:
        pool: where queries run.
        snapshot: gives what the sink has reached.
        instruments: count what this process does.
        now: the clock.
        limits: from when on a part is not ready.
        max_body_bytes: longest request body.
        api_token: what every request but /health must bear; None for nothing.
        sql_enabled: whether ``POST /api/v1/sql`` answers.
        extra_parts: gives the state of further parts for ``/ready`` and ``/``.
        blueprints: further routes.
        collectors: further metrics for ``/metrics``; counts among them outlive the process by their own means.
    """
    app = Flask("exporters", static_folder=None)
    app.json = CompactJson(app)
    app.config["MAX_CONTENT_LENGTH"] = max_body_bytes
    require_token(app, api_token)
    instruments.watch_cursors(lambda: pool.active, pool.size)
    install_error_handlers(app)
    registry, catch_up = CollectorRegistry(), CatchUp(snapshot, now)
    for collector in (instruments.shown, SnapshotCollector(catch_up.snapshot, now), *collectors):
        registry.register(collector)
    status = status_blueprint(Status(snapshot, limits, now, extra_parts), registry)
    api = (*api_blueprints(pool, now), openmetrics_blueprint(pool, catch_up), sql_blueprint(pool, enabled=sql_enabled))
    for blueprint in (status, *api, simpod_blueprint(pool, now), *blueprints):
        app.register_blueprint(blueprint)
    _refuse_long_bodies(app, max_body_bytes)
    _refuse_addresses_without_text(app)
    _count_answers(app, instruments)
    return app


def _refuse_long_bodies(app: Flask, max_body_bytes: int) -> None:
    # Flask looks at the length only when a route reads the body, which most routes do not.
    @app.before_request
    def refuse() -> None:
        if request.content_length is not None and request.content_length > max_body_bytes:
            raise RequestEntityTooLarge(f"the body has {request.content_length} bytes, allowed are {max_body_bytes}")


def _refuse_addresses_without_text(app: Flask) -> None:
    # Flask decodes the parameters strictly, and only when a route reads them.
    @app.before_request
    def refuse() -> None:
        try:
            request.query_string.decode()
        except UnicodeDecodeError as error:
            raise ParameterError(f"the parameters are not UTF-8: {error}") from error


def _count_answers(app: Flask, instruments: Instruments) -> None:
    @app.after_request
    def count(response: Response) -> Response:
        path = "unmatched" if request.url_rule is None else request.url_rule.rule
        instruments.count_answer(path, response.status_code)
        return response
