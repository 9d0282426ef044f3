"""How long to wait before a service that keeps ending is started again."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """Waits that double with every failure in a row; a service that ran long enough starts over with the first."""

    first_seconds: float = 1.0
    longest_seconds: float = 30.0
    forgiven_after_seconds: float = 60.0

    def delay_seconds(self, failures: int) -> float:
        """Return the wait after the given number of failures in a row (1 or more)."""
        return min(self.longest_seconds, self.first_seconds * 2.0 ** min(failures - 1, 30))
