"""The decisions: which summary is due, and what the model is asked. No input or output.

* The template tells an incident at once, and again when anomalies join that it does not cover.
* The model is asked while the incident is young and attempts for its set of members are left.
* A model's text gives way to another text of the model's. Only when that does not come, because the attempts are used
  up, the incident is too old to ask about, or ``SILENCE_SECONDS`` have passed since the anomaly joined, the template
  takes its place: an account that is silent about an anomaly is worse than one in plainer words.
* A text of the model's about fewer anomalies than the newest summary covers is dropped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.anomalies import Anomaly
from contracts.summaries import Grounding, IncidentSummary
from contracts.topics import INCIDENT_SUMMARIES
from narrator import template
from narrator.account import Account
from narrator.budget import Attempts, CallBudget, CircuitBreaker
from narrator.incidents import Incident, Incidents
from narrator.prompt import compose
from narrator.question import Question, Result

ASK_FOR = timedelta(minutes=30)
"""The model is asked about an incident while its newest anomaly is younger than this."""

SILENCE_SECONDS = 180.0
"""How long a model's text may stay silent about an anomaly that joined."""

_TIDY_EVERY = timedelta(minutes=1)


@dataclass(slots=True)
class _Unsettled:
    """What is under way for an incident that the narrator is not done with."""

    attempts: Attempts
    silent_since_seconds: float | None = None


class Narrator:
    """Takes what was read and says what is due."""

    def __init__(
        self, model_name: str | None, calls_per_minute: int, now: Callable[[], datetime], clock: Callable[[], float]
    ) -> None:
        """Begin with nothing known.

        Args:
            model_name: the model that texts are asked of; None for the template only.
            calls_per_minute: most questions in any 60 seconds.
            now: the time of day, in UTC.
            clock: monotonic seconds.
        """
        self._model_name, self._now, self._clock = model_name, now, clock
        self._budget, self._breaker = CallBudget(calls_per_minute), CircuitBreaker()
        self._unsettled: dict[str, _Unsettled] = {}
        self._answered: list[IncidentSummary] = []
        self._tidied_at = now()
        self.incidents = Incidents()

    @property
    def waiting(self) -> int:
        """How many incidents the model is still to be asked about, the one under way included."""
        return sum(
            self._wants_model(incident, unsettled)
            for incident_id, unsettled in self._unsettled.items()
            if (incident := self.incidents.get(incident_id)) is not None
        )

    @property
    def unsettled(self) -> int:
        """How many incidents something may still become due for without a new record."""
        return len(self._unsettled)

    def start_afresh(self) -> None:
        """Forget every incident: the topics are those of another cluster. Calls of the last minute still count."""
        self.incidents = Incidents()
        self._unsettled.clear()
        self._answered.clear()

    def read(self, record: Anomaly | IncidentSummary) -> None:
        """Take a record of one of the two topics."""
        if isinstance(record, IncidentSummary):
            self.incidents.tell(record)
        elif self.incidents.add(record):
            self._unsettled.setdefault(record.incident_id, _Unsettled(Attempts(frozenset())))

    def due(self) -> list[IncidentSummary]:
        """Return the summaries to publish, in order; they count as told from here on."""
        summaries, self._answered = self._answered, []
        for incident_id, unsettled in list(self._unsettled.items()):
            incident = self.incidents.get(incident_id)
            summary = None if incident is None else self._next_text(incident, unsettled)
            if summary is not None:
                self.incidents.tell(summary)
                summaries.append(summary)
            if incident is None or not (self._is_young(incident) or unsettled.attempts.is_under_way):
                del self._unsettled[incident_id]
        if self._now() - self._tidied_at >= _TIDY_EVERY:
            self._tidied_at = self._now()
            self.incidents.tidy(self._tidied_at, self._unsettled)
        return summaries

    def next_question(self) -> Question | None:
        """Return the question to ask at this moment, about the most severe and newest incident; it counts as asked."""
        at = self._clock()
        if self._model_name is None or not (self._budget.allows(at) and self._breaker.allows(at)):
            return None
        candidates = [
            (incident, unsettled)
            for incident_id, unsettled in self._unsettled.items()
            if (incident := self.incidents.get(incident_id)) is not None
            and self._wants_model(incident, unsettled)
            and unsettled.attempts.may_start(at)
        ]
        if not candidates:
            return None
        incident, unsettled = max(candidates, key=lambda one: _priority(one[0]))
        self._budget.spend(at)
        unsettled.attempts.start()
        prompt = compose(incident.anomalies(), unsettled.attempts.problems)
        return Question(incident.incident_id, incident.all_ids, prompt)

    def take(self, result: Result) -> None:
        """Take what came of a question; a summary that follows from it is among the next that are due."""
        question = result.question
        answered = result.failure is None or result.failure.is_refusal
        self._breaker.note(self._clock(), answered=answered)
        unsettled, incident = self._unsettled.get(question.incident_id), self.incidents.get(question.incident_id)
        if unsettled is not None and unsettled.attempts.members == question.members:
            if result.account is None:
                unsettled.attempts.fail(self._clock(), result.problems, refused=answered)
            else:
                unsettled.attempts.succeed()
        if incident is None or result.account is None or not _covers(question.members, incident):
            return
        text = self._summary(incident, question.members, result.account, Grounding.GROUNDED, result.seconds)
        self.incidents.tell(text)
        self._answered.append(text)

    def _next_text(self, incident: Incident, unsettled: _Unsettled) -> IncidentSummary | None:
        if unsettled.attempts.members != incident.all_ids:
            unsettled.attempts = Attempts(incident.all_ids)
        if not incident.untold:
            unsettled.silent_since_seconds = None
            return self._refusal(incident, unsettled.attempts)
        if incident.told is None or incident.told.source == "template":
            return None if self._may_have_been_told(incident) else self._template(incident, Grounding.TEMPLATE)
        if self._wants_model(incident, unsettled) and not self._is_silent_too_long(unsettled):
            return None
        refused = unsettled.attempts.are_used_up and unsettled.attempts.was_refused
        return self._template(incident, Grounding.REJECTED if refused else Grounding.TEMPLATE)

    def _refusal(self, incident: Incident, attempts: Attempts) -> IncidentSummary | None:
        """The template again, with the remark that the model's texts were refused; once, when no more will come."""
        told = incident.told
        if told is None or told.source == "llm" or told.grounded is Grounding.REJECTED:
            return None
        is_over = attempts.are_used_up or (not self._is_young(incident) and not attempts.is_under_way)
        return self._template(incident, Grounding.REJECTED) if is_over and attempts.was_refused else None

    def _wants_model(self, incident: Incident, unsettled: _Unsettled) -> bool:
        if self._model_name is None or not self._is_young(incident) or unsettled.attempts.are_used_up:
            return False
        told = incident.told
        return (
            bool(incident.untold) or told is None or (told.source == "template" and told.grounded is Grounding.TEMPLATE)
        )

    def _is_young(self, incident: Incident) -> bool:
        return bool(incident.members) and abs(self._now() - incident.newest_at) < ASK_FOR

    def _may_have_been_told(self, incident: Incident) -> bool:
        """Whether the incident is older than summaries are kept, so that its own may be gone from the topic."""
        return incident.told is None and self._now() - incident.last_news_at > INCIDENT_SUMMARIES.retention

    def _is_silent_too_long(self, unsettled: _Unsettled) -> bool:
        if unsettled.silent_since_seconds is None:
            unsettled.silent_since_seconds = self._clock()
        return self._clock() - unsettled.silent_since_seconds >= SILENCE_SECONDS

    def _template(self, incident: Incident, grounded: Grounding) -> IncidentSummary:
        return self._summary(incident, incident.all_ids, template.account(incident.anomalies()), grounded, 0.0)

    def _summary(
        self, incident: Incident, members: frozenset[str], account: Account, grounded: Grounding, seconds: float
    ) -> IncidentSummary:
        return IncidentSummary(
            incident_id=incident.incident_id,
            revision=1 if incident.told is None else incident.told.revision + 1,
            emitted_at=self._now(),
            anomaly_ids=tuple(sorted(members)),
            headline=account.headline,
            summary=account.summary,
            impact=account.impact,
            most_affected=account.most_affected,
            hypothesis=account.hypothesis,
            check_first=account.check_first,
            confidence=account.confidence,
            model="" if grounded is Grounding.TEMPLATE else (self._model_name or ""),
            source="llm" if grounded is Grounding.GROUNDED else "template",
            grounded=grounded,
            generation_seconds=seconds,
        )


def _priority(incident: Incident) -> tuple[int, datetime, str]:
    return incident.severity.rank, incident.newest_at, incident.incident_id


def _covers(members: frozenset[str], incident: Incident) -> bool:
    return incident.told is None or incident.told.anomaly_ids <= members
