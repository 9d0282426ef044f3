"""Every request that Grafana's two JSON datasources really send is answered in the shape that they read.

The requests are in ``recorded/``, each with the place in the plugin's source that it comes from.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from exporters.instruments import Instruments
from exporters.settings import ExportersSettings
from exporters.snapshot import Snapshot
from exporters.store.database import IN_MEMORY, Database
from exporters.store.pool import CursorPool
from exporters.store.sink import Sink
from exporters.web.app import create_app
from exporters.web.status import Limits
from tests.fast.exporters.conftest import unobserved
from tests.fast.exporters.incidents import anomaly, apply, injection, summary
from tests.fast.exporters.traffic import LETTERS, MINUTE, START, batch_end, dead_letter, messages, update

Case = dict[str, Any]

FILES = sorted((Path(__file__).parent / "recorded").glob("*.json"))
CASES = {
    f"{path.stem}: {case['name']}": case
    for path in FILES
    for case in json.loads(path.read_text(encoding="utf-8"))["cases"]
}
ANNOTATION = ["time", "timeEnd", "title", "text", "tags", "id", "severity", "newState"]


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    database = Database.open(IN_MEMORY, threads=1, external_access=False)
    sink = Sink(database, unobserved)
    services = ("checkout", "payments", "search")
    windows = [update(minute=minute, service=service) for minute in (0, 20, 40) for service in services]
    sink.apply("A", messages([*windows, batch_end()]))
    sink.apply("A", messages([dead_letter()], LETTERS))
    apply(sink, anomaly(end=5), anomaly("b", start=9, end=10, severity="warning"), summary(), injection())
    pool = CursorPool(database, size=2, timeout_seconds=10, observe=unobserved)
    app = create_app(
        pool, Snapshot, Instruments(), lambda: START + 60 * MINUTE, limits=Limits(60, 120),
        max_body_bytes=ExportersSettings.model_fields["http_max_body_bytes"].default,
    )  # fmt: skip
    yield app.test_client()
    for each in (pool, sink, database):
        each.close()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_is_asked_is_answered(client: FlaskClient, case: Case) -> None:
    body = case.get("body")
    answer = client.open(
        case["path"],
        method=case["method"],
        query_string=case.get("query"),
        headers=case["headers"],
        data=None if body is None else json.dumps(body),
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.mimetype == "application/json"
    expected = dict(case["answer"])
    SHAPES[expected.pop("kind")](json.loads(answer.data), **expected)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_says_where_its_requests_come_from(path: Path) -> None:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    assert recorded["plugin"]
    assert recorded["version"]
    assert len(recorded["commit"]) == 40
    assert all(case["source"] for case in recorded["cases"])


def an_object(found: Any) -> None:  # noqa: ANN401 - decoded JSON, like all below
    assert isinstance(found, dict)


def metrics(found: Any) -> None:  # noqa: ANN401
    assert all({"label", "value", "payloads"} <= each.keys() for each in found)
    assert all({"name", "type"} == payload.keys() for each in found for payload in each["payloads"])


def options(found: Any, values: list[str]) -> None:  # noqa: ANN401
    assert found == [{"label": value, "value": value} for value in values]


def choices(found: Any, values: list[str]) -> None:  # noqa: ANN401
    assert [each["__value"] for each in found] == values
    assert all({"__text", "__value"} == each.keys() for each in found)


def tags(found: Any, values: list[str]) -> None:  # noqa: ANN401
    assert [each["text"] for each in found] == values


def series(found: Any, names: list[str], refIds: list[str], points: int | None = None) -> None:  # noqa: ANN401, N803
    assert [each["target"] for each in found] == names
    assert {each["refId"] for each in found} == set(refIds)
    for each in found:
        assert 1 <= len(each["datapoints"]) <= (points or 1_500)
        assert all(isinstance(value, float) and isinstance(time, int) for value, time in each["datapoints"])
        assert sorted(each["datapoints"], key=lambda point: point[1]) == each["datapoints"]


def frames(found: Any, refIds: list[str]) -> None:  # noqa: ANN401, N803
    assert list(dict.fromkeys(each["refId"] for each in found)) == refIds


def table(found: Any, refIds: list[str], rows: int) -> None:  # noqa: ANN401, N803
    frames(found, refIds)
    (only,) = found
    assert (only["type"], len(only["rows"])) == ("table", rows)
    assert all(len(row) == len(only["columns"]) for row in only["rows"])
    assert {column["type"] for column in only["columns"]} <= {"time", "string", "number"}


def annotations(found: Any, ids: list[str]) -> None:  # noqa: ANN401
    table(found, ["Anno"], len(ids))
    (only,) = found
    names = [column["text"] for column in only["columns"]]
    assert names == (ANNOTATION if ids else [])
    assert [dict(zip(names, row, strict=True))["id"] for row in only["rows"]] == ids


def flat_rows(found: Any, count: int, keys: list[str]) -> None:  # noqa: ANN401
    assert len(found) == count
    assert all(set(keys) <= row.keys() and row.keys() == found[0].keys() for row in found)
    assert not any(isinstance(value, dict | list) for row in found for value in row.values())


SHAPES: Mapping[str, Callable[..., None]] = {
    "object": an_object,
    "metrics": metrics,
    "options": options,
    "choices": choices,
    "tags": tags,
    "series": series,
    "frames": frames,
    "table": table,
    "annotations": annotations,
    "rows": flat_rows,
}
