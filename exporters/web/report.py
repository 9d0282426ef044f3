"""An incident as a page of Markdown, safe to render: every inserted text is escaped for HTML and for Markdown."""

import string

from contracts.summaries import Grounding
from exporters.store.incident_queries import Account, Incident
from exporters.web.wording import plain, rounded, words

_ESCAPES = {ord(mark): f"\\{mark}" for mark in string.punctuation if mark not in ",;/"} | {
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord('"'): "&quot;",
    ord("'"): "&#39;",
}
_NO_HYPOTHESIS = "none: the evidence does not support one."


def escaped(text: str) -> str:
    r"""Return a text as one line that Markdown shows as it is: no markup, no link, no HTML.

    >>> escaped("<b>\n# [a](javascript:b)")
    '&lt;b&gt; \\# \\[a\\]\\(javascript\\:b\\)'
    """
    return plain(text).translate(_ESCAPES)


def headline(incident: Incident) -> str:
    """Return the newest headline, or what is known without one."""
    told = incident.account.headline if incident.account is not None else ""
    return told or f"{incident.services[0]}: {words(incident.types[0])}"


def report_markdown(incident: Incident) -> str:
    """Return headline, account and who wrote it."""
    account = incident.account
    if account is None:
        return f"### {escaped(headline(incident))}\n\nNothing has been written about this incident yet."
    parts = [
        f"### {escaped(headline(incident))}",
        escaped(account.summary),
        _labelled("Impact", account.impact),
        _labelled("Most affected", ", ".join(account.most_affected)),
        _hypothesis(account),
        _checks(account),
        "---",
        f"*{_written(account)}*",
    ]
    return "\n\n".join(part for part in parts if part)


def _labelled(label: str, text: str) -> str:
    return f"**{label}** · {escaped(text)}" if text else ""


def _checks(account: Account) -> str:
    checks = [f"{number}. {escaped(check)}" for number, check in enumerate(account.check_first, 1)]
    return "\n".join(["**Check first**", "", *checks]) if checks else ""


def _hypothesis(account: Account) -> str:
    if not account.hypothesis:
        return f"**Hypothesis** · {_NO_HYPOTHESIS}"
    return f"**Hypothesis** ({escaped(account.confidence)} confidence) · {escaped(account.hypothesis)}"


def _written(account: Account) -> str:
    took, revision = rounded(account.generation_seconds), account.revision
    if account.grounded == Grounding.GROUNDED:
        return (
            f"Written by {escaped(account.model)} in {took} s, revision {revision};"
            " every number was found in the evidence."
        )
    template = f"Written from the template in {took} s, revision {revision}; every number is from the evidence."
    if account.grounded == Grounding.REJECTED:
        return f"{template} The answer of {escaped(account.model)} was refused: not all of it was found there."
    return template
