"""What is asked of Prometheus, and what is written into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests

from local.errors import LocalError
from local.history.remote_write import HEADERS, Labels, Sample, StoredOtherwiseError
from local.loopback import loopback_session

_TIMEOUT_SECONDS = 30.0
_LONGEST_ANSWER = 300
_DUPLICATE = "duplicate sample"


class HistoryError(LocalError):
    """The past could not be brought into Prometheus; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """A process that Prometheus scrapes: where, and which labels its samples get."""

    url: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class Rule:
    """A recording rule."""

    name: str
    expression: str
    labels: Labels


class PrometheusApi:
    """The HTTP interface of one Prometheus. Every method raises HistoryError when it fails."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = loopback_session()

    def targets(self) -> Mapping[str, Target]:
        """Return what is scraped, by job."""
        found = self._data("targets", {"state": "active"})["activeTargets"]
        return {each["labels"]["job"]: Target(each["scrapeUrl"], each["labels"]) for each in found}

    def recording_rules(self) -> list[Rule]:
        """Return the recording rules, in the order in which they are evaluated."""
        groups = self._data("rules", {"type": "record"})["groups"]
        return [
            Rule(rule["name"], rule["query"], rule.get("labels") or {}) for group in groups for rule in group["rules"]
        ]

    def value(self, expression: str, at_seconds: float) -> float | None:
        """Return the one value of an expression, None where it has none."""
        result = self._data("query", {"query": expression, "time": at_seconds})["result"]
        return float(result[0]["value"][1]) if result else None

    def curves(self, expression: str, first_ms: int, last_ms: int, step_ms: int) -> list[tuple[Labels, list[Sample]]]:
        """Return the series of an expression with a sample per step."""
        span = {"start": first_ms / 1000, "end": last_ms / 1000, "step": step_ms / 1000}
        result = self._data("query_range", {"query": expression, **span})["result"]
        return [
            (each["metric"], [(round(1000 * seconds), float(value)) for seconds, value in each["values"]])
            for each in result
        ]

    def write(self, body: bytes) -> None:
        """Store samples; those that are stored already change nothing.

        Raises:
            StoredOtherwiseError: one of them is stored with another value.
        """
        answer = self._asked("POST", "write", data=body, headers=HEADERS)
        if answer.status_code == HTTPStatus.BAD_REQUEST and _DUPLICATE in answer.text:
            raise StoredOtherwiseError(_brief(answer))
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            raise HistoryError(f"Prometheus does not take the samples: {_brief(answer)}")

    def _data(self, path: str, parameters: Mapping[str, str | float]) -> Any:  # noqa: ANN401 - JSON
        answer = self._asked("GET", path, params=parameters)
        try:
            body = answer.json()
        except requests.JSONDecodeError as error:
            raise HistoryError(f"Prometheus does not answer as it should: {_brief(answer)}") from error
        if body.get("status") != "success":
            raise HistoryError(f"Prometheus refuses {path}: {_brief(answer)}")
        return body["data"]

    def _asked(self, method: str, path: str, **what: Any) -> requests.Response:  # noqa: ANN401 - passed on
        try:
            return self._session.request(method, f"{self._url}/api/v1/{path}", timeout=_TIMEOUT_SECONDS, **what)
        except requests.RequestException as error:
            raise HistoryError(f"Prometheus does not answer: {error}") from error


def _brief(answer: requests.Response) -> str:
    return f"status {answer.status_code}, {answer.text[:_LONGEST_ANSWER].strip()}"
