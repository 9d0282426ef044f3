"""Whether another service does its work, from what it answered."""

from datetime import datetime, timedelta

from exporters.maintenance.service_answers import Answer

MAX_STREAM_LAG = timedelta(minutes=2)
"""How far the detector's stream time may be behind the exporters'."""


def reason_not_ready(part: str, answer: Answer | None, stream_time: datetime | None) -> str | None:
    """Say why a service is not ready, None when it is.

    Args:
        part: its name.
        answer: its newest answer, None before the first.
        stream_time: what the exporters have reached; the detector is compared with it.
    """
    if answer is None:
        return "it has not been asked yet"
    if not answer.healthy:
        return answer.reason
    return _reason_behind(answer.stream_time, stream_time) if part == "detector" and stream_time is not None else None


def _reason_behind(reached: datetime | None, own: datetime) -> str | None:
    if reached is None:
        return "it has not reached any stream time yet"
    if own - reached <= MAX_STREAM_LAG:
        return None
    behind, allowed = (own - reached).total_seconds(), MAX_STREAM_LAG.total_seconds()
    return f"it is {behind:.0f} s of stream time behind the exporters, allowed are {allowed:.0f} s"
