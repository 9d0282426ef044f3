"""When what was an anomaly becomes the usual: after a time that is long for an incident and short for a deploy."""

from datetime import timedelta

from detector.decision import CRITICAL_ERROR_RATIO
from detector.episodes import BadWindow, Episode
from detector.rules import Rule
from detector.settings import DetectorSettings


def is_new_normal(episode: Episode, newest: BadWindow, settings: DetectorSettings) -> bool:
    """Whether an episode with a further bad window is old enough; where every third request fails it never is."""
    if episode.rule is Rule.ERROR_RATE and newest.value >= CRITICAL_ERROR_RATIO:
        return False
    return episode.window_end - episode.window_start >= _accepted_after(episode.rule, settings)


def _accepted_after(rule: Rule, settings: DetectorSettings) -> timedelta:
    minutes = {
        Rule.ERROR_RATE: settings.detector_accept_error_minutes,
        Rule.LATENCY_SLA: settings.detector_accept_latency_minutes,
        Rule.TRAFFIC_DROP: settings.detector_accept_traffic_minutes,
        Rule.TRAFFIC_SURGE: settings.detector_accept_traffic_minutes,
    }
    return timedelta(minutes=minutes[rule])
