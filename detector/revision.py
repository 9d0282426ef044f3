"""The record of an episode as it stands: what is published."""

from datetime import datetime, timedelta

from contracts.anomalies import Anomaly, Evidence
from contracts.times import WINDOW
from detector.description import describe
from detector.episodes import WHOLE_SERVICE, Ending, Episode
from detector.evidence import last_windows
from detector.history import ServiceHistory

JUDGING_DELAY = timedelta(seconds=10)
"""A window is judged when stream time is this far past its end: events may be out of order by less than this."""


def revision(episode: Episode, history: ServiceHistory, window_start: datetime, ending: Ending | None) -> Anomaly:
    """Return the record of an episode after the window that begins at ``window_start`` was judged.

    ``detected_at`` is the stream time from which the first bad window could be judged. The stream time at which it
    was is where a micro-batch happened to end, which differs from run to run. ``emitted_at`` is the same of the window
    judged last, until the record is published.
    """
    bad = episode.worst
    return Anomaly(
        anomaly_id=episode.anomaly_id,
        revision=episode.revision,
        emitted_at=window_start + WINDOW + JUDGING_DELAY,
        incident_id=episode.incident.incident_id,
        detected_at=episode.window_start + WINDOW + JUDGING_DELAY,
        window_start=episode.window_start,
        window_end=episode.window_end,
        service=episode.service,
        endpoint=WHOLE_SERVICE,
        anomaly_type=episode.rule.anomaly_type,
        severity=episode.severity,
        metric_name=episode.rule.metric,
        metric_value=bad.value,
        baseline_value=bad.expected,
        threshold_value=bad.threshold,
        description=describe(episode, ending),
        resolved=ending is not None,
        resolved_at=None if ending is None else episode.window_end,
        evidence=Evidence(
            rule=episode.rule.value,
            sample_size=bad.requests,
            windows=last_windows(history, episode.rule, window_start),
            services=episode.services,
            endpoints=bad.endpoints,
        ),
    )
