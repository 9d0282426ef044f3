"""Asks the exporters' JSON API, on loopback and never through a proxy."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import requests
from pydantic import SecretStr

from local.errors import LocalError
from local.loopback import loopback_session

_TIMEOUT_SECONDS = 15.0
_JOB_TIMEOUT_SECONDS = 90.0


class ExportersUnavailableError(LocalError):
    """The exporters gave no answer, or one that is not theirs."""


class RefusedError(LocalError):
    """A service refused what it was asked; the text is its own."""


class ExportersClient:
    """The JSON API of one exporters process.

    Every method raises ``ExportersUnavailableError`` when it fails, and ``RefusedError`` where the token is not theirs.
    """

    def __init__(self, url: str, token: SecretStr | None = None) -> None:
        self._url = url
        self._session = loopback_session(token)

    def books(self) -> Mapping[str, float]:
        """Return the books over all time."""
        (row,) = self.rows("books")
        return row

    def services(self) -> list[Mapping[str, Any]]:
        """Return every service ever seen."""
        return self.rows("services", {"from": 0, "limit": 10_000})

    def rows(self, name: str, parameters: Mapping[str, str | int] | None = None) -> list[Mapping[str, Any]]:
        """Return the rows of ``/api/v1/<name>``."""
        try:
            answer = self._session.get(f"{self._url}/api/v1/{name}", params=parameters, timeout=_TIMEOUT_SECONDS)
            _refuse_without_token(answer)
            answer.raise_for_status()
            rows: list[Mapping[str, Any]] = answer.json()
        except requests.RequestException as error:
            raise _unavailable(error) from error
        return rows

    def run_job(self, name: str) -> Mapping[str, Any]:
        """Run a maintenance job and return what became of it.

        Raises:
            RefusedError: there is no such job, or it runs already.
        """
        try:
            answer = self._session.post(f"{self._url}/api/v1/jobs/{name}", timeout=_JOB_TIMEOUT_SECONDS)
            _refuse_without_token(answer)
            body: Mapping[str, Any] = answer.json()
        except requests.RequestException as error:
            raise _unavailable(error) from error
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            raise RefusedError(str(body["error"]["message"]))
        return body


def _refuse_without_token(answer: requests.Response) -> None:
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        raise RefusedError("The exporters ask for a token: API_TOKEN or API_TOKEN_FILE must be set as it is for them.")


def _unavailable(error: Exception) -> ExportersUnavailableError:
    return ExportersUnavailableError(
        f"The exporters do not answer: {error}. Is `make demo` running? Look at their log."
    )
