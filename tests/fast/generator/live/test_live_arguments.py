"""The command line of live traffic."""

from datetime import timedelta

import pytest

from generator.arguments import LiveOptions, parse_arguments


@pytest.mark.parametrize("arguments", [[], ["live"]])
def test_without_a_command_it_is_live(arguments: list[str]) -> None:
    assert parse_arguments(arguments) == LiveOptions(backfill=None)


@pytest.mark.parametrize(("text", "minutes"), [("2h", 120), ("90m", 90), ("1m", 1), ("24h", 1440), ("1440m", 1440)])
def test_how_much_history_to_fill_is_said_in_minutes_or_hours(text: str, minutes: int) -> None:
    expected = LiveOptions(timedelta(minutes=minutes))
    assert parse_arguments(["--backfill", text]) == parse_arguments(["live", f"--backfill={text}"]) == expected


@pytest.mark.parametrize("text", ["", "2", "h", "0h", "-1h", "1.5h", "2d", "25h", "1441m", "2 h", "99999999h", "٣h"])
def test_other_times_are_refused_with_an_example(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse_arguments([f"--backfill={text}"])
    assert f"argument --backfill: {text!r} is not a time such as 90m or 2h, of at most 24h" in capsys.readouterr().err


def test_help_names_both_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        parse_arguments(["--help"])
    shown = capsys.readouterr().out
    assert "live" in shown
    assert "replay" in shown
