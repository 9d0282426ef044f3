"""What the numbers and names of an account rest on, by other means than the code that checks them."""

import re
from dataclasses import astuple

from contracts.anomalies import Anomaly
from narrator.account import Account
from tests.fast.narrator.generated import ENDPOINTS, SERVICES

_NAMES = re.compile("|".join(map(re.escape, sorted((*SERVICES, *ENDPOINTS), key=len, reverse=True))))
_SCALES = (1, 100, 1000, 60)


def ungrounded_numbers(account: Account, anomalies: tuple[Anomaly, ...]) -> list[str]:
    """Return the numbers of an account that no number of the records makes, in any unit."""
    text = _NAMES.sub("", "\n".join(str(part) for part in astuple(account)))
    text = re.sub(r"\bp95\b|\b\d\d:\d\d\b", "", text)
    known = _numbers_of(anomalies)
    return [found for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text) if not _is_held(found, known)]


def unknown_services(account: Account, anomalies: tuple[Anomaly, ...]) -> set[str]:
    """Return the services that an account names, of all that are generated, and that are not in the evidence."""
    known = {one.service for one in anomalies} | {other.service for one in anomalies for other in one.evidence.services}
    text = "\n".join(str(part) for part in astuple(account))
    for endpoint in ENDPOINTS:
        text = text.replace(endpoint, " ")
    return {one for one in SERVICES if one not in known and re.search(rf"(?<![\w/.-]){re.escape(one)}(?![\w/-])", text)}


def _numbers_of(anomalies: tuple[Anomaly, ...]) -> set[float]:
    records = [one.model_dump(mode="json") for one in anomalies]
    plain = [float(found) for found in re.findall(r"(?<![\w:-])\d+(?:\.\d+)?(?:e-?\d+)?(?![\w:-])", str(records))]
    quotients = [one.metric_value / one.baseline_value for one in anomalies if one.baseline_value]
    windows = [(one, window) for one in anomalies for window in one.evidence.windows if window.errors]
    shares = [endpoint.errors / window.errors for one, window in windows for endpoint in one.evidence.endpoints]
    counts = [float(number) for number in range(len(SERVICES))]
    return {
        *plain,
        *(number / 60 for number in plain),
        *quotients,
        *(1 - one for one in quotients),
        *shares,
        *counts,
        0.05,
    }


def _is_held(shown: str, known: set[float]) -> bool:
    value = float(shown.replace(",", ""))
    return any(abs(one * scale - value) <= 0.051 * abs(value) + 0.001 for one in known for scale in _SCALES)
