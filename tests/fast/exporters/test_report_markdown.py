"""The report of an incident: an account that can be rendered, whatever was put into it."""

import re

import pytest

from exporters.store.sink import Sink
from exporters.web.report import escaped
from tests.fast.exporters.conftest import Web
from tests.fast.exporters.incidents import HOSTILE, anomaly, apply, summary, template


def report(web: Web) -> str:
    return str(web.get("/api/v1/incidents")[0]["report_markdown"])


def test_it_tells_what_happened_and_who_says_so(web: Web, sink: Sink) -> None:
    words: dict[str, object] = {"headline": "payments fails", "summary": "Errors rose", "impact": "Many"}
    words |= {"most_affected": ("one", "two"), "hypothesis": "A time out", "check_first": ("this", "that")}
    apply(sink, anomaly(), summary("i", 3, model="llama", **words))
    assert report(web).split("\n\n") == [
        "### payments fails",
        "Errors rose",
        "**Impact** · Many",
        "**Most affected** · one, two",
        "**Hypothesis** (high confidence) · A time out",
        "**Check first**",
        "1. this\n2. that",
        "---",
        "*Written by llama in 32 s, revision 3; every number was found in the evidence.*",
    ]


def test_without_a_hypothesis_it_says_so(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(), template())
    assert "**Hypothesis** · none: the evidence does not support one." in report(web)
    assert "*Written from the template in 0 s, revision 1; every number is from the evidence.*" in report(web)


def test_a_refused_answer_is_named(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(), template(grounded="rejected", model="llama", generation_seconds=12.34))
    assert "in 12.3 s" in report(web)
    assert "The answer of llama was refused" in report(web)


def test_what_was_not_told_leaves_no_empty_label(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(), summary(most_affected=(), check_first=(), impact=""))
    assert not re.search("Most affected|Check first|Impact", report(web))


@pytest.mark.parametrize("field", ["headline", "summary", "impact", "hypothesis", "model"])
def test_hostile_text_stays_text(web: Web, sink: Sink, field: str) -> None:
    apply(sink, anomaly(), summary("i", 1, **{field: HOSTILE}))
    assert "<" not in report(web)
    assert escaped(HOSTILE) in report(web)


def test_hostile_items_of_lists_stay_text(web: Web, sink: Sink) -> None:
    apply(sink, anomaly(), summary(most_affected=(HOSTILE,), check_first=("- a\n- b", "1. x")))
    assert escaped(HOSTILE) in report(web)
    assert "1. \\- a \\- b\n2. 1\\. x" in report(web)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>&", "&lt;b&gt;&amp;"),
        ('"it\'s"', "&quot;it&#39;s&quot;"),
        ("# *a* _b_ `c` ~d~ |e|", "\\# \\*a\\* \\_b\\_ \\`c\\` \\~d\\~ \\|e\\|"),
        ("[a](http://b) ![c](d)", "\\[a\\]\\(http\\://b\\) \\!\\[c\\]\\(d\\)"),
        ("www.evil.example a@b.c", "www\\.evil\\.example a\\@b\\.c"),
        ("---\n1. a\n> b", "\\-\\-\\- 1\\. a &gt; b"),
        ("\\# {x}", "\\\\\\# \\{x\\}"),
        ("a\x00b\u202ec", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"),
    ],
)
def test_every_mark_of_html_and_markdown_is_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown
