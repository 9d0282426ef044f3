"""Asks the exporters' JSON API, on loopback and never through a proxy."""

from collections.abc import Mapping
from typing import Any

import requests

from local.errors import LocalError

_TIMEOUT_SECONDS = 15.0


class ExportersUnavailableError(LocalError):
    """The exporters gave no answer, or one that is not theirs."""


class ExportersClient:
    """The JSON API of one exporters process. Every method raises ``ExportersUnavailableError`` when it fails."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False

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
            answer.raise_for_status()
            rows: list[Mapping[str, Any]] = answer.json()
        except requests.RequestException as error:
            raise ExportersUnavailableError(f"The exporters do not answer: {error}. Look at their log.") from error
        return rows
