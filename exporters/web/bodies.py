"""Reading the body of a request: a JSON object."""

import json
from collections.abc import Mapping
from typing import Any

from flask import request

from exporters.web.errors import ParameterError

Json = Mapping[str, Any]


def json_body() -> Json:
    """Return the object in the body, whatever the body says it is; an empty body is an empty object.

    Raises:
        ParameterError: the body is something else.
    """
    return json_object(request.get_data(as_text=True), "the body")


def json_object(value: object, name: str) -> Json:
    """Return an object that is given as such, as JSON text or, when it is empty, not at all.

    Raises:
        ParameterError: it is something else; the message names it.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value or "{}")
            # Half a surrogate pair and NaN can be read, but neither be stored nor answered.
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError) as error:
            raise ParameterError(f"{name} is no JSON: {error}") from error
    if not isinstance(value, dict | None):
        raise ParameterError(f"{name} is a JSON object, not {type(value).__name__}")
    return value or {}
