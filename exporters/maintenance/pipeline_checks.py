"""Checks of the pipeline: does it move, and does everybody keep up."""

from collections.abc import Iterator

from contracts.topics import RAW_EVENTS
from exporters.maintenance.health_report import HealthLimits, Moment
from exporters.store.health_reports import Status, Verdict

_OK, _WARNING, _CRITICAL = Status.OK, Status.WARNING, Status.CRITICAL
_FRESHNESS_WARNING = 0.2
_TRIGGERS = 3


def freshness(moment: Moment, limits: HealthLimits) -> Iterator[Verdict]:
    """Look at the age of the oldest record that waits, at streaming or at the exporters."""
    streaming = moment.answers.get("streaming")
    of_streaming = None if streaming is None else streaming.freshness_seconds
    ages = (moment.snapshot.freshness_seconds(moment.now), of_streaming)
    known = [age for age in ages if age is not None]
    if not known:
        yield Verdict("freshness", _WARNING, "unknown", "Nothing has been read yet. Does Kafka run?")
        return
    age = max(known)
    if age <= _FRESHNESS_WARNING * limits.freshness_seconds:
        yield Verdict("freshness", _OK, f"{age:.0f} s", "The oldest record that waits is recent.")
    else:
        detail = "The oldest record has waited this long. Read the log of the part with the largest lag."
        status = _CRITICAL if age > limits.freshness_seconds else _WARNING
        yield Verdict("freshness", status, f"{age:.0f} s", detail)


def batch_age(moment: Moment, limits: HealthLimits) -> Iterator[Verdict]:
    """Look at how long ago a micro-batch ended; without events there is none, and that is another trouble."""
    age = moment.snapshot.seconds_since_batch(moment.now)
    streaming = moment.answers.get("streaming")
    waiting = None if streaming is None else streaming.lag.get((RAW_EVENTS.name, "streaming"))
    if age is None:
        yield Verdict(
            "batch_age", _WARNING, "unknown", "No micro-batch has ended yet. Do streaming and a producer run?"
        )
    elif age <= limits.batch_age_seconds:
        yield Verdict("batch_age", _OK, f"{age:.0f} s", "The newest micro-batch is recent.")
    elif waiting == 0:
        yield Verdict("batch_age", _WARNING, f"{age:.0f} s", "Streaming has nothing to do: nobody sends events.")
    else:
        yield Verdict(
            "batch_age", _CRITICAL, f"{age:.0f} s", "Streaming does not get on. Read its log, then restart it."
        )


def lags(moment: Moment, limits: HealthLimits) -> Iterator[Verdict]:
    """Look at the unread records of every consumer that tells them, a verdict for each."""
    found = {key: records for answer in moment.answers.values() if answer for key, records in answer.lag.items()}
    found |= {(topic, "exporters"): records for topic, records in moment.snapshot.lag.items()}
    for (topic, consumer), records in sorted(found.items()):
        limit = _raw_events_limit(moment, limits) if topic == RAW_EVENTS.name else limits.lag_records
        name, value = f"lag_{consumer}_{topic}", f"{records} records"
        if records <= limit:
            yield Verdict(name, _OK, value, f"{consumer} keeps up with {topic}.")
        else:
            remedy = "It catches up by itself, or it needs more of the machine: watch whether the number falls."
            yield Verdict(
                name, _WARNING, value, f"{consumer} is more than {limit:.0f} records behind {topic}. {remedy}"
            )


def _raw_events_limit(moment: Moment, limits: HealthLimits) -> float:
    """Return the lag that a few triggers' worth of the present traffic makes; it is usual between two batches."""
    streaming = moment.answers.get("streaming")
    trigger_seconds = None if streaming is None else streaming.trigger_seconds
    rate = sum(window.requests_per_second for window in moment.snapshot.figures.windows)
    return max(limits.lag_records, _TRIGGERS * rate * (trigger_seconds or 0.0))
