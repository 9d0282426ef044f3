"""Progress: a moving line on a terminal, plain lines elsewhere."""

import io

from generator.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(stream: io.StringIO) -> str:
    moments = iter([0.0, 1.0, 4.9, 5.0, 7.0, 15.0])
    progress = Progress(stream, lambda: next(moments))
    for messages in (10, 40, 1_000, 1_500, 21_000):
        progress.report(messages)
    progress.close()
    return stream.getvalue()


def test_elsewhere_it_is_a_line_every_five_seconds_with_the_rate_since_the_last() -> None:
    lines = written(io.StringIO()).splitlines()
    assert [line.split() for line in lines] == [
        ["1,000", "messages", "sent,", "200/s"],
        ["21,000", "messages", "sent,", "2,000/s"],
    ]


def test_on_a_terminal_one_line_moves() -> None:
    text = written(Terminal())
    assert (text.count("\r"), text.count("\n")) == (4, 1)
    assert text.endswith("21,000 messages sent,     2,438/s\n")
