"""The figures of what is open, for /metrics."""

from exporters.store.figures import Figures, read_figures
from exporters.store.incident_figures import ActiveFigure
from exporters.store.pool import CursorPool
from exporters.store.service_labels import MAX_SERVICES, OTHER
from exporters.store.sink import Sink
from tests.fast.exporters.incidents import anomaly, apply
from tests.fast.exporters.traffic import messages, update


def test_open_anomalies_are_counted_by_service_type_and_severity(sink: Sink, pool: CursorPool) -> None:
    apply(sink, anomaly("a"), anomaly("b", endpoint="/pay"), anomaly("c", severity="warning"), anomaly("d", end=2))
    assert read_figures(pool, None).active_anomalies == (
        ActiveFigure("payments", "error_surge", "critical", 2),
        ActiveFigure("payments", "error_surge", "warning", 1),
    )


def test_what_resolved_is_gone(sink: Sink, pool: CursorPool) -> None:
    apply(sink, anomaly())
    apply(sink, anomaly(end=3), first_offset=1)
    assert read_figures(pool, None).active_anomalies == ()


def test_an_incident_is_open_while_one_of_its_anomalies_is(sink: Sink, pool: CursorPool) -> None:
    assert read_figures(pool, None).open_incidents == {"warning": 0, "critical": 0}
    apply(sink, anomaly("a", end=2), anomaly("b", severity="warning"), anomaly("c", incident_id="j", end=2))
    assert read_figures(pool, None).open_incidents == {"warning": 0, "critical": 1}
    apply(sink, anomaly("b", end=4, severity="warning"), first_offset=3)
    assert read_figures(pool, None).open_incidents == {"warning": 0, "critical": 0}


def test_before_the_tables_were_read_nothing_is_known() -> None:
    assert Figures().open_incidents == {}


def test_services_without_a_name_of_their_own_add_up(sink: Sink, pool: CursorPool) -> None:
    sink.apply("A", messages([update(service=f"first{number}") for number in range(MAX_SERVICES)]))
    apply(sink, anomaly("a", service="late"), anomaly("b", service="later"), anomaly("c", service="first7"))
    active = {(figure.service, figure.anomalies) for figure in read_figures(pool, None).active_anomalies}
    assert active == {(OTHER, 2), ("first7", 1)}
