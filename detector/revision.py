"""The record of an episode as it stands: what is published."""

from datetime import datetime

from contracts.anomalies import Anomaly, Evidence
from contracts.times import WINDOW
from detector.description import describe
from detector.episodes import WHOLE_SERVICE, Ending, Episode
from detector.evidence import last_windows
from detector.history import JudgedWindow, ServiceHistory
from detector.open_episodes import JUDGING_DELAY


def revision(
    episode: Episode,
    history: ServiceHistory,
    window_start: datetime,
    ending: Ending | None,
    running: JudgedWindow | None = None,
) -> Anomaly:
    """Return the record of an episode after the window that begins at ``window_start`` was judged.

    ``detected_at`` is the stream time from which the window with which it opened could be judged, or at which it was
    called before that window was over. ``emitted_at`` is the same of the window judged last, until the record is
    published.

    Args:
        episode: as it stands.
        history: of its service.
        window_start: of the window judged last.
        ending: why it is over, None while it is open.
        running: the window with which it is called, where that is not over yet.
    """
    bad = episode.worst
    return Anomaly(
        anomaly_id=episode.anomaly_id,
        revision=episode.revision,
        emitted_at=episode.detected_at if running is not None else window_start + WINDOW + JUDGING_DELAY,
        incident_id=episode.incident.incident_id,
        detected_at=episode.detected_at,
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
        description=describe(episode, ending, is_running=running is not None),
        resolved=ending is not None,
        resolved_at=None if ending is None else episode.window_end,
        evidence=Evidence(
            rule=episode.rule.value,
            sample_size=bad.requests,
            windows=last_windows(history, episode.rule, window_start, running),
            services=episode.services,
            endpoints=bad.endpoints,
        ),
    )


def ended_unjudged(published: Anomaly, why: str) -> Anomaly:
    """Return the next record of an anomaly that ends without a judgement of its last window; ``why`` is told."""
    return published.model_copy(
        update={
            "revision": published.revision + 1,
            "resolved": True,
            "resolved_at": published.window_end,
            "description": f"{published.description}; {why}",
        }
    )


def is_early(anomaly: Anomaly) -> bool:
    """Whether a record was called before its last bad window was over."""
    return anomaly.revision == 1 and anomaly.detected_at < anomaly.window_end + JUDGING_DELAY
