"""One question to a model and what came of it: asked, read, checked against the evidence."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from narrator import substance, template
from narrator.account import Account
from narrator.answer import InvalidAnswerError, parse
from narrator.facts import facts_of
from narrator.grounding import problems
from narrator.model import Failure, Model, ModelFailedError, Outcome
from narrator.names import as_in_evidence
from narrator.prompt import Prompt

_CONFIDENCES = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Question:
    """A question about an incident as it was with these members."""

    incident_id: str
    members: frozenset[str]
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a question: an account, or a failure with its detail. ``problems`` are why a text was refused."""

    question: Question
    seconds: float
    account: Account | None = None
    failure: Failure | None = None
    detail: str = ""
    problems: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """What the question is counted under."""
        return Outcome.OK if self.failure is None else self.failure.outcome


def put(question: Question, model: Model, clock: Callable[[], float]) -> Result:
    """Ask a model and check its answer. Blocks as long as the model does.

    Args:
        question: what to ask.
        model: whom to ask.
        clock: monotonic seconds.
    """
    started = clock()
    try:
        text = model.ask(question.prompt.system, question.prompt.user)
    except ModelFailedError as error:
        refused = (str(error),) if error.failure.is_refusal else ()
        return Result(question, clock() - started, failure=error.failure, detail=str(error), problems=refused)
    seconds = clock() - started
    try:
        account = parse(text)
    except InvalidAnswerError as error:
        return Result(question, seconds, failure=Failure.INVALID_ANSWER, detail=str(error), problems=(str(error),))
    facts = facts_of(question.prompt.shown, question.prompt.not_shown)
    account = replace(account, most_affected=as_in_evidence(account.most_affected, facts))
    ungrounded = problems(account, facts)
    found = ungrounded or tuple(substance.problems(account, facts))
    if found:
        failure = Failure.UNGROUNDED if ungrounded else Failure.INVALID_ANSWER
        return Result(question, seconds, failure=failure, detail="; ".join(found), problems=found)
    return Result(question, seconds, account=_with_founded_confidence(account, question))


def _with_founded_confidence(account: Account, question: Question) -> Account:
    """Return the account with no more confidence than the requests and minutes of the evidence are good for."""
    founded = template.confidence(question.prompt.shown[0])
    return replace(account, confidence=min(account.confidence, founded, key=_CONFIDENCES.index))
