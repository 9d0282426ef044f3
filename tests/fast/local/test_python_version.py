import re

from local.paths import REPOSITORY
from local.setup import OLDEST_PYTHON, complaint_about


def test_a_python_that_is_new_enough_is_accepted() -> None:
    assert complaint_about(3, 11) == ""
    assert complaint_about(3, 14) == ""


def test_an_old_python_is_named_with_what_to_do() -> None:
    complaint = complaint_about(3, 9)
    assert "Python 3.9" in complaint
    assert "3.11 or newer" in complaint
    assert "make setup PYTHON=" in complaint


def test_the_oldest_python_is_the_one_that_the_project_declares() -> None:
    declared = re.search(r'requires-python = ">=(\d+)\.(\d+)"', (REPOSITORY / "pyproject.toml").read_text("utf-8"))
    assert declared is not None
    assert (int(declared[1]), int(declared[2])) == OLDEST_PYTHON
