"""Checks of the other services: do they run, and do they do their work."""

from collections.abc import Callable, Iterable, Iterator

from exporters.maintenance.health_report import HealthLimits, Moment
from exporters.maintenance.service_states import reason_not_ready
from exporters.store.health_reports import Status, Verdict


def service(name: str, when_down: Status, remedy: str) -> Callable[[Moment, HealthLimits], Iterable[Verdict]]:
    """Return the check of one service: the status of its being down or not ready, and what to do then."""

    def look(moment: Moment, _limits: HealthLimits) -> Iterator[Verdict]:
        answer = moment.answers.get(name)
        reason = reason_not_ready(name, answer, moment.snapshot.stream_time)
        if answer is None:
            yield Verdict(name, Status.WARNING, "unknown", "It has not been asked yet.")
        elif reason is None:
            yield Verdict(name, Status.OK, "healthy", "It answers and is healthy.")
        else:
            value = "unhealthy" if answer.reachable else "down"
            yield Verdict(name, when_down, value, f"{reason[:1].upper()}{reason[1:]}. {remedy}")

    return look


_known_generator = service("generator", Status.WARNING, "It answered before: start it again if you want its traffic.")


def generator(moment: Moment, limits: HealthLimits) -> Iterable[Verdict]:
    """Look at the generator; one that never answered is no trouble, for real traffic needs none."""
    answer = moment.answers.get("generator")
    if answer is None or not answer.ever_reachable:
        return [Verdict("generator", Status.OK, "not running", "Real traffic needs none.")]
    return _known_generator(moment, limits)


def language_model(moment: Moment, _limits: HealthLimits) -> Iterator[Verdict]:
    """Say how many answers of the model were used; never trouble, for the template tells every incident."""
    narrator = moment.answers.get("narrator")
    asked = {} if narrator is None else narrator.model_requests
    if not sum(asked.values()):
        yield Verdict("language_model", Status.OK, "not asked", "The template tells every incident.")
    else:
        detail = "The template stands for the other answers; llm_failures_total of the narrator says why."
        yield Verdict("language_model", Status.OK, f"{asked.get('ok', 0)} of {sum(asked.values())} used", detail)
