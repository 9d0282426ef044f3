"""What the terminal tells of a running stack: each thing once, the newest closed minute, trouble beside its service."""

from typing import Any

from local.live_view import Reading, Story, block, newest_closed

MINUTE = 60_000
BASE = 29_000_000 * MINUTE


def window(service: str, minute: int, ratio: float = 0.0) -> dict[str, Any]:
    time = BASE + minute * MINUTE
    return {"time": time, "service": service, "request_rate": 3.25, "error_ratio": ratio, "p95_seconds": 0.21}


def anomaly(state: str = "open", severity: str = "critical") -> dict[str, Any]:
    return {
        "anomaly_id": "a",
        "state": state,
        "severity": severity,
        "service": "payments",
        "anomaly_type": "error_surge",
        "started_at": BASE,
        "description": "36 % of 212 requests failed.",
    }


INCIDENT = {"incident_id": "i", "revision": 1, "started_at": BASE, "source": "template", "headline": "payments fails"}


def test_the_newest_minute_is_open_and_not_shown() -> None:
    rows = [window("b", 1), window("a", 1), window("a", 2), window("a", 0)]
    assert [(row["service"], row["time"]) for row in newest_closed(rows)] == [
        ("a", BASE + MINUTE),
        ("b", BASE + MINUTE),
    ]


def test_a_single_minute_is_not_closed() -> None:
    assert newest_closed([window("a", 1)]) == []


def test_each_thing_is_told_once_and_again_when_it_changes() -> None:
    story = Story()
    reading = Reading([window("payments", 0)], [anomaly()], [INCIDENT])
    first = story.news(reading, windows=True)
    assert len(first) == 3
    assert "CRITICAL, payments: error surge. 36 % of 212 requests failed." in first[1]
    assert "why (template): payments fails" in first[2]
    assert story.news(reading, windows=True) == []
    (resolved,) = story.news(Reading([window("payments", 0)], [anomaly("resolved")], [INCIDENT]), windows=True)
    assert "resolved, payments" in resolved


def test_on_a_terminal_closed_minutes_are_in_the_block_alone() -> None:
    reading = Reading([window("payments", 0, 0.36)], [anomaly()], [])
    assert len(Story().news(reading, windows=False)) == 1
    text = "\n".join(block(reading))
    assert "36.0%" in text
    assert "critical: error surge" in text


def test_without_a_closed_window_the_block_says_so() -> None:
    assert "no window is closed yet" in block(Reading())[1]
