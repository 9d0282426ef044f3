"""The file .env is read as make and Compose read it, and only ever added to."""

from pathlib import Path

from containers import dotenv


def test_comments_blanks_quotes_and_empty_values_are_understood(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# A=1\n\nB=2\n C = 'three' \nexport D=\"4=4\"\nE=\nno variable\nF='\n", encoding="utf-8")
    assert dotenv.read(file) == {"B": "2", "C": "three", "D": "4=4", "F": "'"}


def test_the_last_of_two_lines_holds(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\nA=2\n", encoding="utf-8")
    assert dotenv.read(file) == {"A": "2"}


def test_a_file_that_does_not_exist_has_no_variables(tmp_path: Path) -> None:
    assert dotenv.read(tmp_path / ".env") == {}


def test_what_is_added_stands_after_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1", encoding="utf-8")
    dotenv.add(file, "made", {"B": "2", "C": "3"})
    assert file.read_text(encoding="utf-8") == "A=1\n# made\nB=2\nC=3\n"


def test_a_file_with_secrets_is_its_owners_alone(tmp_path: Path) -> None:
    new, old = tmp_path / "new", tmp_path / "old"
    old.write_text("A=1\n", encoding="utf-8")
    old.chmod(0o644)
    for file in (new, old):
        dotenv.add(file, "made", {"B": "2"})
        assert file.stat().st_mode & 0o777 == 0o600


def test_nothing_to_add_makes_no_file(tmp_path: Path) -> None:
    dotenv.add(tmp_path / ".env", "made", {})
    assert not (tmp_path / ".env").exists()
