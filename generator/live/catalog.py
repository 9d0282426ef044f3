"""The shop: its services, their endpoints, how often each is asked and how long it takes."""

from dataclasses import dataclass

NOT_FOUND_SHARE = 0.01
"""Share of requests that are answered with 404."""

ERROR_SHARE = 0.002
"""Share of requests that fail on the server's side while nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint: its weight within the service, and a log-normal latency.

    ``median_ms`` is the median in milliseconds, ``sigma`` the standard deviation of the latency's logarithm,
    ``usual_status`` what it answers unless something fails.
    """

    path: str
    weight: int
    median_ms: float
    sigma: float
    usual_status: int = 200


@dataclass(frozen=True, slots=True)
class Service:
    """One service and its share of all requests. Its p95 latency lies between 200 and 350 ms."""

    name: str
    share: float
    endpoints: tuple[Endpoint, ...]


CATALOG = (
    Service(
        "checkout",
        0.35,
        (
            Endpoint("/api/cart", 50, 85.0, 0.5),
            Endpoint("/api/orders", 15, 180.0, 0.5, usual_status=201),
            Endpoint("/api/orders/{id}", 25, 60.0, 0.45),
            Endpoint("/api/shipping-quote", 10, 150.0, 0.5),
        ),
    ),
    Service(
        "payments",
        0.2,
        (
            Endpoint("/api/charge", 60, 155.0, 0.4),
            Endpoint("/api/refund", 10, 175.0, 0.4, usual_status=201),
            Endpoint("/api/methods", 30, 60.0, 0.45),
        ),
    ),
    Service(
        "search",
        0.45,
        (
            Endpoint("/api/search", 50, 125.0, 0.55),
            Endpoint("/api/suggest", 30, 35.0, 0.5),
            Endpoint("/api/products/{id}", 15, 60.0, 0.45),
            Endpoint("/api/facets", 5, 160.0, 0.5),
        ),
    ),
)
"""The services of the shop; their shares add up to 1."""

SERVICE_NAMES = tuple(service.name for service in CATALOG)
