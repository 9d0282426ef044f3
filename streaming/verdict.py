"""The verdict on a raw message as Spark columns, derived from ``contracts.event``.

``from_json`` is lenient, so the columns are checked again. It hands over the text of a number, an object or a literal
where a string is asked for; only texts that could be such a thing take the slow path, which parses the message again.
"""

import re
import string

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that Spark's documentation uses

from contracts.event import FUTURE_TOLERANCE, MAX_EVENT_BYTES, RULES, FieldRule, Reason
from streaming.accounting import VERDICTS
from streaming.source import RECORD_COLUMNS

SESSION_SETTINGS = {"spark.sql.session.timeZone": "UTC", "spark.sql.variant.allowDuplicateKeys": "true"}
"""What the expressions rely on."""

_SENTINEL = "end of message"
_JSON_OPTIONS = "map('allowSingleQuotes', 'false', 'allowNonNumericNumbers', 'false')"
_JSON_NUMBER = r"-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?"
_BLANK = r"[ \t\r\n]*"
_PLAIN = string.ascii_letters + string.digits + "._/-"
"""Characters that every text field but the time may have."""

_REQUIRED = [rule for rule in RULES.values() if rule.required]
_TEXTS = [rule for rule in RULES.values() if rule.is_text]


def judged(records: DataFrame) -> DataFrame:
    """Add the fields of the event, ``event_timestamp`` and ``reason`` (null for an event that can be counted).

    The verdicts are tallied by an observation. It is a barrier as well: no filter moves below it, so every message is
    parsed once (a second parse would double the cost).

    Args:
        records: ``value``, ``timestamp``, ``partition`` and ``offset`` of Kafka records.
    """
    parsed = records.select(*RECORD_COLUMNS, F.expr("CAST(value AS STRING)").alias("text")).withColumn(
        "unread", F.expr(_unread())
    )
    elements = parsed.withColumn("elements", F.expr(_elements()))
    fields = elements.select(
        *RECORD_COLUMNS,
        "text",
        "unread",
        F.expr(_is_not_one_object()).alias("not_one_object"),
        *[F.expr(f"elements[0].{name}").alias(name) for name in RULES],
        F.expr("try_cast(elements[0].event_time AS timestamp)").alias("event_timestamp"),
    )
    tallies = [F.expr(f"count_if(reason = '{reason}')").alias(reason) for reason in Reason]
    return fields.withColumn("reason", F.expr(_reason())).observe(VERDICTS, *tallies)


def _unread() -> str:
    """Why a message is not even parsed."""
    return f"""CASE
        WHEN value IS NULL OR length(value) = 0 THEN '{Reason.EMPTY}'
        WHEN text < '!' AND text RLIKE {_whole(_BLANK)} THEN '{Reason.EMPTY}'
        WHEN length(value) > {MAX_EVENT_BYTES} THEN '{Reason.TOO_LARGE}'
        WHEN NOT is_valid_utf8(text) THEN '{Reason.INVALID_UTF8}'
    END"""


def _elements() -> str:
    """The message as an array of itself and a sentinel.

    ``from_json`` alone ignores what follows a message, and an array around it can be closed by the message itself:
    only where the sentinel is the second of two elements was the message one whole value.
    """
    fields = ", ".join(f"{rule.name} {'string' if rule.is_text else 'double'}" for rule in RULES.values())
    array = f"""concat('[', text, ',{{"service":"{_SENTINEL}"}}]')"""
    return f"from_json(CASE WHEN unread IS NULL THEN {array} END, 'array<struct<{fields}>>', {_JSON_OPTIONS})"


def _is_not_one_object() -> str:
    return (
        f"elements IS NULL OR size(elements) <> 2 OR elements[0] IS NULL OR NOT elements[1].service <=> '{_SENTINEL}'"
    )


def _reason() -> str:
    """The first reason that applies, in the order of ``Reason``."""
    incomplete = " OR ".join(f"{rule.name} IS NULL" for rule in _REQUIRED)
    absent = " OR ".join(f"coalesce({_json_type(rule)}, 'VOID') = 'VOID'" for rule in _REQUIRED)
    foreign = " OR ".join(
        f"({_may_be_foreign(rule)} AND coalesce({_json_type(rule)}, '') <> 'STRING')" for rule in _TEXTS
    )
    ahead = f"unix_micros(event_timestamp) - unix_micros(timestamp) > {FUTURE_TOLERANCE.total_seconds() * 1e6:.0f}"
    return f"""CASE
        WHEN unread IS NOT NULL THEN unread
        WHEN not_one_object THEN '{Reason.INVALID_JSON}'
        WHEN ({incomplete}) AND ({absent}) THEN '{Reason.MISSING_FIELD}'
        WHEN {incomplete} OR {foreign} OR {_is_not_whole("status_code")} THEN '{Reason.WRONG_TYPE}'
        WHEN NOT {_matches(RULES["event_time"])} OR event_timestamp IS NULL THEN '{Reason.INVALID_TIME}'
        WHEN {" OR ".join(_is_out_of_range(rule) for rule in RULES.values() if rule.name != "event_time")}
            THEN '{Reason.OUT_OF_RANGE}'
        WHEN {ahead} THEN '{Reason.FUTURE}'
    END"""


def _json_type(rule: FieldRule) -> str:
    """The JSON type on the slow path, such as STRING: null where the field is absent, VOID for a JSON null."""
    return f"schema_of_variant(try_variant_get(try_parse_json(text), '$.{rule.name}', 'variant'))"


def _may_be_foreign(rule: FieldRule) -> str:
    """Whether a text could be that of something else than a string; cheap comparisons come before the pattern."""
    name = rule.name
    digits = f"(({name} >= '0' AND {name} < ':') OR ({name} >= '-' AND {name} < '.'))"
    brackets = f"({name} >= '{{' AND {name} < '|') OR ({name} >= '[' AND {name} < r'\\')"
    return f"({digits} AND {name} RLIKE {_whole(_JSON_NUMBER)} OR {name} IN ('true', 'false') OR {brackets})"


def _is_not_whole(name: str) -> str:
    return f"(abs({name}) < 1e15D AND {name} <> floor({name}))"


def _is_out_of_range(rule: FieldRule) -> str:
    if not rule.is_text:
        return f"NOT ({rule.name} >= {rule.minimum}D AND {rule.name} <= {rule.maximum}D)"
    return f"NOT {_matches(rule)}"


def _matches(rule: FieldRule) -> str:
    """Whether a text matches its pattern: by the short way where it is made of plain characters, else by the pattern.

    Java looks listed characters up in a table; for the ranges of a pattern it calls a function for each, which made
    patterns a sixth of the job's time.
    """
    exact = f"{rule.name} RLIKE {_whole(rule.pattern or '')}"
    length = re.search(r"\{1,([0-9]+)\}$", rule.pattern or "")
    if length is None:
        return f"({exact})"
    return f"(length({rule.name}) <= {length[1]} AND {rule.name} RLIKE {_whole(f'[{_PLAIN}]+')} OR {exact})"


def _whole(pattern: str) -> str:
    r"""A raw SQL literal of a pattern for a whole text; ``$`` would also match before a final newline."""
    return rf"r'\A(?:{pattern})\z'"
