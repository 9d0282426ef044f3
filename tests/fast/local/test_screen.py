"""The block at the bottom of a terminal, and nothing of it elsewhere."""

import io

from local.screen import Screen


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_goes_above_the_block() -> None:
    terminal = Terminal()
    screen = Screen(terminal)
    screen.show(["one", "two"])
    screen.line("news")
    written = terminal.getvalue()
    assert written.endswith("\x1b[2A\x1b[J\r\x1b[Knews\none\ntwo\n")


def test_a_new_block_replaces_the_old_one() -> None:
    terminal = Terminal()
    screen = Screen(terminal)
    screen.show(["one", "two", "three"])
    screen.show(["four"])
    assert terminal.getvalue() == "one\ntwo\nthree\n\x1b[3A\x1b[Jfour\n"


def test_away_from_a_terminal_there_are_only_lines() -> None:
    stream = io.StringIO()
    screen = Screen(stream)
    screen.show(["one"])
    screen.line("news")
    assert not screen.has_block
    assert stream.getvalue() == "news\n"
