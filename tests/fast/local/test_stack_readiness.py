"""A process is ready by what it says in this run, not by what it said before."""

from pathlib import Path

from local.stack import says


def test_what_was_said_before_does_not_count(tmp_path: Path) -> None:
    log = tmp_path / "broker.log"
    log.write_text("Kafka is ready at a\n")
    check = says(log, "Kafka is ready at")
    assert not check()
    with log.open("a") as more:
        more.write("Kafka is ready at b\n")
    assert check()


def test_a_log_that_was_set_aside_is_read_from_its_beginning(tmp_path: Path) -> None:
    log = tmp_path / "broker.log"
    log.write_text("x" * 1000)
    check = says(log, "ready")
    log.write_text("ready\n")
    assert check()


def test_without_a_log_nothing_was_said(tmp_path: Path) -> None:
    assert not says(tmp_path / "broker.log", "ready")()
