"""What a replay says when it ends."""

from generator.account import Sent

NEXT_STEP = """
Next: when the stack has read them, compare with its books, the sums over /api/v1/batches of the exporters:
counted is good, the other classes have the same names, and unaccounted is 0.
"""


def account_table(sent: Sent) -> str:
    """Return the account as lines of class and number; invalid messages also by reason."""
    rows = [("good", sent.good), ("duplicate", sent.duplicate), ("invalid", sum(sent.invalid.values()))]
    rows += [(f"  {reason}", number) for reason, number in sent.invalid.items()]
    rows += [("future", sent.future), ("late", sent.late), ("messages", sent.messages)]
    return "".join(f"{name:<18}{number:>12,}\n" for name, number in rows)
