"""A state folder has one user at a time."""

import os
from pathlib import Path

import pytest

from runtime.single_instance import AlreadyRunningError, claim


def test_a_second_claim_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    first = claim(tmp_path / "state", "detector")
    with pytest.raises(AlreadyRunningError, match=r"another detector uses .*stop it first"):
        claim(tmp_path / "state", "detector")
    os.close(first)
    os.close(claim(tmp_path / "state", "detector"))
