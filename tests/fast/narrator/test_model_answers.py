"""From a model's text to an account: what is passed over, what is mended, what is refused."""

import json
import time

import pytest

from narrator.account import MAX_LINE, MAX_PARAGRAPH
from narrator.answer import FORMAT, MAX_TEXT_LENGTH, Answer, InvalidAnswerError, parse
from tests.fast.narrator.ollama_twin import GOOD, answer


@pytest.mark.parametrize(
    "text",
    [
        answer(),
        f"```json\n{answer()}\n```",
        f"Sure! Here is the object:\n{answer()}\nI hope this helps.",
        f"<think>36 % is {{a lot}}, I should say {{}}</think>{answer()}",
        f"<thinking>hm</thinking>\n```\n{answer()}```",
        f"the tag was swallowed {{}} </think>{answer()}",
        f"a set {{1, 2}} is no object {answer()}",
        json.dumps(GOOD, indent=4),
        answer(extra="fields are ignored"),
        answer(confidence=" Medium "),
        answer().replace(" requests ", "\n requests ", 1),
        answer(headline=str(GOOD["headline"]).replace("36 %", "**36 %**")),
    ],
)
def test_the_account_is_found_in_whatever_surrounds_it(text: str) -> None:
    account = parse(text)
    assert account.headline == GOOD["headline"]
    assert account.most_affected == ("payments", "payments /api/charge")
    assert account.confidence == "medium"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot help with that.",
        "[1, 2]",
        answer()[:150],
        f"<think>I never stop thinking about {answer()}",
        answer(headline=""),
        answer(headline="h" * (MAX_LINE + 1)),
        answer(summary="s" * (MAX_PARAGRAPH + 1)),
        answer(summary=None),
        answer(impact=5),
        answer(check_first=[]),
        answer(check_first=["look"] * 3 + ["a", "b", "c"]),
        answer(check_first="look at it"),
        answer(most_affected=["payments"] * 11),
        answer(confidence="certain"),
        json.dumps({key: value for key, value in GOOD.items() if key != "hypothesis"}),
        "{" * 60_000,
        '{"a":' * 10_000,
        "x" * (MAX_TEXT_LENGTH + 1),
    ],
)
def test_a_text_without_an_account_is_refused_in_no_time(text: str) -> None:
    started = time.monotonic()
    with pytest.raises(InvalidAnswerError):
        parse(text)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("unsaid", [None, "", "null", "None"])
def test_a_hypothesis_may_be_missing(unsaid: str | None) -> None:
    assert parse(answer(hypothesis=unsaid)).hypothesis is None


def test_lines_lose_their_numbers_and_texts_their_control_characters() -> None:
    account = parse(answer(check_first=["1. Logs", "- Load", "1. Logs", "2.", " "], summary="a\n\nb\u202e\x07 c\ud800"))
    assert account.check_first == ("Logs", "Load")
    assert account.summary == "a b c"


def test_asterisks_of_a_name_are_no_markup() -> None:
    account = parse(answer(headline="/static/** and /files/** of **payments** fail"))
    assert account.headline == "/static/** and /files/** of payments fail"


def test_the_schema_that_is_asked_for_is_the_one_that_is_read() -> None:
    assert set(FORMAT["properties"]) == set(Answer.model_fields) == set(FORMAT["required"])
