"""Log lines: one JSON object each, with what was passed as extra."""

import json
import logging

import pytest

from contracts.logs import configure_logging
from contracts.settings import Settings


def test_a_line_is_one_json_object_with_the_extra_fields(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("streaming", Settings(log_format="json"))
    logging.getLogger("streaming.batch").warning("slow\nbatch", extra={"batch_id": 7})
    line = json.loads(capsys.readouterr().err)
    assert (line["service"], line["message"], line["batch_id"]) == ("streaming", "slow\nbatch", 7)
    assert line["time"].endswith("Z")


def test_an_exception_stays_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("streaming", Settings(log_format="json"))
    try:
        int("broken")
    except ValueError:
        logging.getLogger("x").exception("failed")
    assert "ValueError: invalid literal" in json.loads(capsys.readouterr().err)["exception"]


def test_text_shows_the_extra_fields_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("streaming", Settings(log_format="text"))
    logging.getLogger("x").info("started", extra={"port": 9102})
    assert "INFO    started port=9102" in capsys.readouterr().err
