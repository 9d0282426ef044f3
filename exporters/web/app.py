"""The Flask application."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, Response, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import RequestEntityTooLarge

from exporters.instruments import Instruments
from exporters.snapshot import Snapshot
from exporters.store.pool import CursorPool
from exporters.web.api import api_blueprint
from exporters.web.errors import install_error_handlers
from exporters.web.exposition import SnapshotCollector
from exporters.web.status import Limits, status_blueprint


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
) -> Flask:
    """Return a fresh application over the given store and snapshot."""
    app = Flask("exporters", static_folder=None)
    app.json = CompactJson(app)
    app.config["MAX_CONTENT_LENGTH"] = max_body_bytes
    instruments.registry.register(SnapshotCollector(snapshot, now))
    instruments.watch_cursors(lambda: pool.active, pool.size)
    install_error_handlers(app)
    app.register_blueprint(status_blueprint(snapshot, instruments.registry, limits, now))
    app.register_blueprint(api_blueprint(pool, now))
    _refuse_long_bodies(app, max_body_bytes)
    _count_answers(app, instruments)
    return app


def _refuse_long_bodies(app: Flask, max_body_bytes: int) -> None:
    # Flask looks at the length only when a route reads the body, and the routes that exist do not.
    @app.before_request
    def refuse() -> None:
        if request.content_length is not None and request.content_length > max_body_bytes:
            raise RequestEntityTooLarge(f"the body has {request.content_length} bytes, allowed are {max_body_bytes}")


def _count_answers(app: Flask, instruments: Instruments) -> None:
    @app.after_request
    def count(response: Response) -> Response:
        path = "unmatched" if request.url_rule is None else request.url_rule.rule
        instruments.count_answer(path, response.status_code)
        return response
