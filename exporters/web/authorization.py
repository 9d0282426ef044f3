"""Who may ask: everybody, or where a token is set only those who bear it (RFC 6750)."""

import hmac
from http import HTTPStatus

from flask import Flask, Response, make_response, request
from pydantic import SecretStr

from exporters.web.errors import error_response

OPEN_PATHS = frozenset({"/health"})
"""What tells nothing of what is stored, and is asked by those who only watch whether the process lives."""

_REFUSAL = "this needs the header `Authorization: Bearer <token>` with the API_TOKEN of the exporters"


def require_token(app: Flask, token: SecretStr | None) -> None:
    """Refuse every request without the token with a 401, also where there is nothing; without one, refuse none."""
    if token is None:
        return
    expected = token.get_secret_value().encode()

    @app.before_request
    def refuse_strangers() -> Response | None:
        # How long the comparison takes tells nothing about the token.
        if request.path in OPEN_PATHS or hmac.compare_digest(_presented(), expected):
            return None
        refusal = make_response(error_response(HTTPStatus.UNAUTHORIZED, "unauthorized", _REFUSAL))
        refusal.headers["WWW-Authenticate"] = "Bearer"
        return refusal


def _presented() -> bytes:
    """Return the token of the request; nothing where it has none or speaks of another scheme."""
    header = request.authorization
    return (header.token or "").encode() if header is not None and header.type == "bearer" else b""
