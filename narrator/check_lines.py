"""Lines on what to check first: each sentence asks for something, none of them states anything."""

import re

_ASKING = re.compile(
    r"^\W*(?:check|look|inspect|review|verify|confirm|examine|investigate|compare|find|determine|identify|see|ask"
    r"|logs?\b|log lines|traces?|load|recent|deployments?|changes?|whether|who|what|which|where|how|why|callers?"
    r"|response times|errors? and latency|rate limits|latency|requests|dashboards?|health"
    r"|the (?:logs?|traces?|load|deployments?|latency))",
    re.IGNORECASE,
)
_THING = re.compile(
    r"^\W*(?:the |recent )*(?:logs?|log lines|traces?|load|deployments?|changes?|callers?|response times|errors?"
    r"|rate limits|latency|requests|dashboards?|health)\b",
    re.IGNORECASE,
)
_PREDICATE = re.compile(
    r"(?<!that )(?<!which )(?<!who )(?<!what )"
    r"\b(?:has|have|had|is|are|was|were|shows?|showed|suggests?|indicates?|seems?)\b",
    re.IGNORECASE,
)


def asks(sentence: str) -> bool:
    """Whether a sentence says what to look at: a question, a request, or a thing without a predicate.

    >>> asks("Check the logs."), asks("Recent deployments"), asks("Deployments have affected it."), asks("It is slow.")
    (True, True, False, False)
    """
    if sentence.rstrip().endswith("?"):
        return True
    states = _THING.match(sentence) is not None and _PREDICATE.search(sentence) is not None
    return _ASKING.match(sentence) is not None and not states
