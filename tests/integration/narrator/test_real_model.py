"""A real model on generated incidents: whatever it writes, nothing ungrounded passes. ``make llm`` starts one."""

import os

import pytest
import requests

from benchmarks.real_model import asked
from local.llm import DEFAULT_PORT
from local.loopback import loopback_session
from narrator.openai import OpenAi
from tests.fast.narrator.generated import incident
from tests.fast.narrator.oracle import ungrounded_numbers, unknown_services

URL = os.environ.get("REAL_MODEL_URL") or f"http://127.0.0.1:{DEFAULT_PORT}/v1"
LIMIT_SECONDS = 250
INCIDENTS = 2


@pytest.fixture(scope="module")
def model() -> OpenAi:
    try:
        listed = loopback_session().get(f"{URL}/models", timeout=5).json()["data"]
    except (requests.RequestException, ValueError, KeyError) as error:
        pytest.skip(
            f"no model answers at {URL}; start one with `make llm`, or set REAL_MODEL_URL: {type(error).__name__}"
        )
    return OpenAi(URL, listed[0]["id"], LIMIT_SECONDS)


@pytest.mark.timeout(2 * INCIDENTS * LIMIT_SECONDS)
@pytest.mark.parametrize("seed", range(INCIDENTS))
def test_what_a_real_model_writes_is_grounded_or_refused(model: OpenAi, seed: int) -> None:
    result = asked(model, incident(seed), seed)[-1]
    assert (result.account is None) == (result.failure is not None)
    if result.account is not None:
        assert ungrounded_numbers(result.account, incident(seed)) == []
        assert unknown_services(result.account, incident(seed)) == set()
