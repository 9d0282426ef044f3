"""Numbers and kinds as people write them."""

from contracts.anomalies import AnomalyType, MetricName

WHOLE_SERVICE = "(whole service)"
UNKNOWN = "unknown"
"""What stands for a number where there is no baseline."""

_LARGE = 1e6


def words(kind: str) -> str:
    """Return a kind of anomaly in words.

    >>> words("error_surge")
    'error surge'
    """
    return kind.replace("_", " ")


def quantity(value: float, metric_name: str) -> str:
    """Return a metric's value, rounded and with its unit.

    >>> quantity(0.3548, "error_ratio"), quantity(0.466, "latency_p95_seconds"), quantity(20.7, "request_rate")
    ('35.5 %', '466 ms', '20.7 req/s')
    """
    match MetricName(metric_name):
        case MetricName.ERROR_RATIO:
            return f"{_percent(value)} %"
        case MetricName.LATENCY_P95:
            return f"{rounded(1000 * value)} ms" if abs(value) < 1 else f"{rounded(value)} s"
        case MetricName.REQUEST_RATE:
            return f"{rounded(value)} req/s"


def size(kind: str, magnitude: float) -> str:
    """Return how strong an injected fault is.

    >>> size("latency_spike", 6.2), size("error_surge", 0.55), size("traffic_drop", 0.17)
    ('latency × 6.2', 'errors 55.0 %', 'rate × 0.17')
    """
    match AnomalyType(kind):
        case AnomalyType.ERROR_SURGE:
            return f"errors {_percent(magnitude)} %"
        case AnomalyType.LATENCY_SPIKE:
            return f"latency × {rounded(magnitude)}"
        case AnomalyType.TRAFFIC_DROP | AnomalyType.TRAFFIC_SURGE:
            return f"rate × {rounded(magnitude)}"


def rounded(number: float) -> str:
    """Return a number with three digits, or all those before the point.

    >>> rounded(466.4), rounded(1.2549), rounded(21.0), rounded(0.004)
    ('466', '1.25', '21', '0.004')
    """
    return f"{number:.0f}" if 100 <= abs(number) < _LARGE else f"{number:.3g}"


def _percent(ratio: float) -> str:
    percent = 100 * ratio
    if not 0.1 <= abs(percent) < _LARGE:
        return rounded(percent)
    return f"{percent:.1f}" if abs(percent) >= 10 else f"{percent:.2f}"


def plain(text: str) -> str:
    """Return a text as one line of characters that can be printed."""
    line = " ".join(text.split())
    if line.isprintable():
        return line
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in line)
