"""Parameters: lists as Grafana sends them, and a clear 400 for everything that is not understood."""

import pytest
from werkzeug.datastructures import MultiDict

from exporters.web.errors import ParameterError
from exporters.web.parameters import MAX_VALUE_CHARACTERS, Parameters
from tests.fast.exporters.conftest import Web


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["a"], ["a"]),
        (["a,b"], ["a", "b"]),
        (["{a,b}"], ["a", "b"]),
        (["(a|b)"], ["a", "b"]),
        (["a|b"], ["a", "b"]),
        (['["a","b,c"]'], ["a", "b,c"]),
        (["b", "a", "a"], ["a", "b"]),
        ([r"(api\.v1|/users/\{id\})"], ["/users/{id}", "api.v1"]),
        (["/users/{id}"], ["/users/{id}"]),
        ([], None),
        ([""], None),
        (["", "a"], ["a"]),
        ([".*"], None),
        (["$__all"], None),
        (["(.*)"], None),
        (["a", ".*"], None),
    ],
)
def test_a_list_means_what_grafana_means(values: list[str], names: list[str] | None) -> None:
    arguments = MultiDict([("service", value) for value in values])
    assert Parameters(arguments, ["service"]).names("service") == names


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("color=red", "unknown parameter 'color'"),
        ("from=yesterday", "from is epoch milliseconds or RFC 3339"),
        ("from=2026-01-01T00:00:00", "from is epoch milliseconds or RFC 3339 with a zone"),
        ("to=999999999999999", "to is epoch milliseconds"),
        ("to=2026-13-01T00:00:00Z", "to is epoch milliseconds"),
        ("from=2&to=1", r"from \(2\) is after to \(1\)"),
        ("step_ms=fast", "step_ms is a whole number"),
        ("step_ms=0", "step_ms is a whole number from 1"),
        ("limit=0", "limit is a whole number from 1"),
        ("limit=-1", "limit is a whole number from 1"),
        ("service=[1]", "not a list of names"),
        ("service=[", "begins as a JSON list"),
        (r'service=["\ud800"]', "begins as a JSON list"),
        ("service=" + "[" * 5000, "begins as a JSON list"),
        ("service=" + "x" * (MAX_VALUE_CHARACTERS + 1), "service has 8193 characters"),
    ],
)
def test_what_is_not_understood_is_a_400_that_names_it(web: Web, query: str, named: str) -> None:
    answer = web.client.get(f"/api/v1/metrics?{query}")
    assert answer.status_code == 400
    error = answer.get_json()["error"]
    assert error["code"] == "bad_parameter"
    with pytest.raises(ParameterError, match=named):
        raise ParameterError(error["message"])


def test_a_value_is_data_and_never_sql(web: Web) -> None:
    answer = web.client.get("/api/v1/metrics?service=x');DROP TABLE service_metrics;--")
    assert answer.get_json() == []
    assert web.get("/api/v1/metrics") == []
