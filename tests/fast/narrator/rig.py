"""A narrator on an in-memory broker, with a clock that tests move and a model that answers when told."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts.anomalies import Anomaly
from contracts.summaries import IncidentSummary
from contracts.topics import ANOMALIES, INCIDENT_SUMMARIES
from narrator.answer import parse
from narrator.asker import Asker
from narrator.health import Health
from narrator.loop import Loop
from narrator.model import Failure
from narrator.model_log import ModelLog
from narrator.narrator import Narrator
from narrator.question import Question, Result
from narrator.reading import TOPICS
from runtime.memory import MemoryCluster, MemoryPublisher, MemorySource
from runtime.topic_log import Publisher, PublishError, TopicPartition
from tests.fast.narrator.evidence import DETECTED
from tests.fast.narrator.ollama_twin import answer


@dataclass
class Clock:
    """Time of day and monotonic seconds, moved by tests only."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return DETECTED + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds


def text(question: Question, **changes: object) -> Result:
    """A grounded answer to a question."""
    return Result(question, 2.5, account=parse(answer(**changes)))


def failure(question: Question, reason: Failure) -> Result:
    """An answer that cannot be published."""
    return Result(question, 2.5, failure=reason, detail="detail", problems=("problem",) if reason.is_refusal else ())


@dataclass
class Desk:
    """A narrator without input and output."""

    model: str | None = "phi4-mini"
    calls_per_minute: int = 5
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.narrator = Narrator(self.model, self.calls_per_minute, self.clock.now, self.clock.monotonic)

    def tell(self, *anomalies: Anomaly) -> list[IncidentSummary]:
        """Read anomalies; the result is what is due."""
        for one in anomalies:
            self.narrator.read(one)
        return self.narrator.due()

    def asked(self) -> Question:
        """Return the next question, which there has to be."""
        question = self.narrator.next_question()
        assert question is not None
        return question

    def answered(self, result: Result) -> list[IncidentSummary]:
        """Take an answer; the result is what is due."""
        self.narrator.take(result)
        return self.narrator.due()

    def fail(self, *reasons: Failure) -> list[IncidentSummary]:
        """Let the next questions fail, each as soon as it may be asked; the result is what is due then."""
        due: list[IncidentSummary] = []
        for reason in reasons:
            due += self.answered(failure(self.asked(), reason))
            self.clock.seconds += 120
        return due


class Hand(Asker):
    """An asker without a thread: the test puts the results."""

    def __init__(self) -> None:
        self.is_busy = False
        self.question: Question | None = None
        self.result: Result | None = None

    def ask(self, question: Question) -> None:
        assert not self.is_busy
        self.is_busy, self.question = True, question

    def finished(self) -> Result | None:
        if self.result is not None:
            self.is_busy = False
        result, self.result = self.result, None
        return result


class FlakyPublisher(MemoryPublisher):
    """Fails as often as it is told: after the records were taken, as a lost acknowledgement does."""

    failures = 0

    def flush(self, timeout_seconds: float) -> None:
        if FlakyPublisher.failures > 0:
            FlakyPublisher.failures -= 1
            raise PublishError("not acknowledged")


class Rig:
    """Loop, narrator and broker. ``start`` makes a new process on the same broker."""

    def __init__(self, asker: Asker | None = None) -> None:
        self.cluster = MemoryCluster((ANOMALIES, INCIDENT_SUMMARIES), "first")
        self.clock = Clock()
        self.start(asker)

    def start(self, asker: Asker | None = None) -> None:
        self.health, self.hand = Health(120), Hand()
        self.narrator = Narrator("phi4-mini", 5, self.clock.now, self.clock.monotonic)
        self.loop = Loop(
            MemorySource(self.cluster, TOPICS),
            self.connect,
            self.narrator,
            self.health,
            clock=self.clock.monotonic,
            asker=asker or self.hand,
            model_log=ModelLog("phi4-mini"),
        )

    def connect(self) -> Publisher:
        return FlakyPublisher(self.cluster)

    def detect(self, *anomalies: Anomaly) -> None:
        for one in anomalies:
            self.put(ANOMALIES.name, one.encode())

    def put(self, topic: str, value: bytes | None) -> None:
        self.cluster.append(TopicPartition(topic, 0), None, value)

    def published(self) -> list[IncidentSummary]:
        records = self.cluster.records(TopicPartition(INCIDENT_SUMMARIES.name, 0))
        return [IncidentSummary.decode(record.value) for record in records if record.value is not None]

    def revisions(self) -> list[tuple[str, int, str]]:
        return [(one.incident_id, one.revision, one.source) for one in self.published()]

    def answer(self, **changes: object) -> None:
        """Let the model answer the question under way, and publish."""
        assert self.hand.question is not None
        self.hand.result = text(self.hand.question, **changes)
        self.loop.step()

    def fail(self, reason: Failure) -> None:
        """Let the question under way fail."""
        assert self.hand.question is not None
        self.hand.result = failure(self.hand.question, reason)
        self.loop.step()

    def sample(self, name: str, **labels: str) -> float | None:
        return self.health.registry.get_sample_value(name, labels)


def keys(cluster: MemoryCluster) -> list[bytes | None]:
    return [record.key for record in cluster.records(TopicPartition(INCIDENT_SUMMARIES.name, 0))]
