"""Anomalies that begin together belong together."""

from detector.incidents import incident_id
from tests.fast.detector.counting import CALM, FAILING, MINUTE, START, Minutes

SERVICES = ("cart", "checkout", "search")


def after_ten_calm_minutes() -> Minutes:
    minutes = Minutes()
    for _ in range(10):
        minutes.pass_minute(dict.fromkeys(SERVICES, CALM))
    return minutes


def pass_minutes(minutes: Minutes, failing: list[set[str]]) -> dict[str, list[str]]:
    """Let these services fail, minute by minute; return the incidents of each service in order."""
    for names in failing:
        minutes.pass_minute({service: FAILING if service in names else CALM for service in SERVICES})
    found: dict[str, list[str]] = {service: [] for service in SERVICES}
    for anomaly in minutes.final().values():
        found[anomaly.service].append(anomaly.incident_id)
    return found


def test_an_incident_is_named_after_the_window_that_opens_it() -> None:
    found = pass_minutes(after_ten_calm_minutes(), [{"checkout"}])
    assert found["checkout"] == [incident_id(START + 10 * MINUTE)]


def test_those_that_open_in_the_same_window_share_the_incident() -> None:
    found = pass_minutes(after_ten_calm_minutes(), [{"search", "cart"}])
    assert found["cart"] == found["search"] == [incident_id(START + 10 * MINUTE)]


def test_two_kinds_in_one_service_share_an_incident() -> None:
    minutes = after_ten_calm_minutes()
    minutes.pass_minute({"cart": (100, 20, 1.5), "checkout": CALM, "search": CALM})
    assert len({anomaly.incident_id for anomaly in minutes.published}) == 1
    assert len(minutes.final()) == 2


def test_within_five_minutes_of_the_onset_an_anomaly_joins() -> None:
    found = pass_minutes(after_ten_calm_minutes(), [{"cart"}] * 5 + [{"cart", "search"}])
    assert found["search"] == found["cart"]


def test_later_than_that_it_has_its_own_incident() -> None:
    found = pass_minutes(after_ten_calm_minutes(), [{"cart"}] * 6 + [{"cart", "search"}])
    assert len(set(found["cart"] + found["search"])) == 2


def test_five_minutes_count_from_the_first_onset_not_from_the_last_to_join() -> None:
    failing = [{"cart"}] * 4 + [{"cart", "search"}] * 2 + [{"cart", "search", "checkout"}]
    found = pass_minutes(after_ten_calm_minutes(), failing)
    assert found["search"] == found["cart"] != found["checkout"]


def test_a_resolved_incident_is_not_joined() -> None:
    found = pass_minutes(after_ten_calm_minutes(), [{"cart"}, set(), set(), {"search"}])
    assert found["search"] != found["cart"]


def test_what_the_same_window_resolves_can_still_be_joined_whatever_the_names() -> None:
    first_by_name = pass_minutes(after_ten_calm_minutes(), [{"cart"}, set(), {"search"}])
    last_by_name = pass_minutes(after_ten_calm_minutes(), [{"search"}, set(), {"cart"}])
    for found in (first_by_name, last_by_name):
        assert found["cart"] == found["search"]


def test_what_ends_is_told_before_what_opens() -> None:
    minutes = after_ten_calm_minutes()
    pass_minutes(minutes, [{"cart"}, set(), {"search"}])
    assert [(each.service, each.resolved) for each in minutes.published[-2:]] == [("cart", True), ("search", False)]


def test_of_two_open_incidents_the_one_that_began_lately_is_joined() -> None:
    failing = [{"cart"}] * 6 + [{"cart", "search"}, {"cart", "search", "checkout"}]
    found = pass_minutes(after_ten_calm_minutes(), failing)
    assert found["checkout"] == found["search"] != found["cart"]


def test_one_that_returns_within_the_cooldown_goes_on_in_its_incident() -> None:
    failing: list[set[str]] = [{"cart"}] * 6 + [set()] * 3 + [{"cart"}]
    found = pass_minutes(after_ten_calm_minutes(), failing)
    assert len(found["cart"]) == 2
    assert len(set(found["cart"])) == 1


def test_one_that_returns_after_the_cooldown_and_another_service_have_their_own() -> None:
    late = pass_minutes(after_ten_calm_minutes(), [*[{"cart"}] * 6, *[set[str]()] * 4, {"cart"}])
    assert len(set(late["cart"])) == 2
    other = pass_minutes(after_ten_calm_minutes(), [*[{"cart"}] * 6, *[set[str]()] * 3, {"search"}])
    assert other["search"] != other["cart"]


def test_an_hour_of_flapping_is_one_incident() -> None:
    flapping = [{"cart"} if minute % 5 < 2 else set[str]() for minute in range(60)]
    found = pass_minutes(after_ten_calm_minutes(), flapping)
    assert len(found["cart"]) == 12
    assert len(set(found["cart"])) == 1
