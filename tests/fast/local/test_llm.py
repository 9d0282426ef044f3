"""``make llm``: what it refuses before it installs anything, and what it says to set next."""

import socket
from pathlib import Path

import pytest

from local import llm


def test_what_is_no_gguf_file_is_refused_before_anything_is_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("not a model", encoding="utf-8")
    assert llm.main([str(tmp_path / "notes.txt")]) == 1
    assert llm.main([str(tmp_path / "missing.gguf")]) == 1
    said = capsys.readouterr()
    assert "is no GGUF file: make llm MODEL=" in said.err
    assert "MODEL cannot be read" in said.err
    assert said.out == ""


def test_a_taken_port_is_named_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("LLM_PORT", str(taken.getsockname()[1]))
        assert llm.main([]) == 1
    assert "make llm LLM_PORT=" in capsys.readouterr().err


def test_an_installation_that_was_interrupted_or_is_of_other_versions_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(llm, "_STAMP", tmp_path / "installed")
    assert not llm.is_installed()
    (tmp_path / "installed").write_text("llama-cpp-python[server]==0.0.1", encoding="ascii")
    assert not llm.is_installed()


def test_a_model_that_is_gone_is_a_clear_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    monkeypatch.setattr(llm, "ENVIRONMENT", tmp_path)
    with pytest.raises(llm.LlmError, match="run `make llm` again"):
        llm.shipped_model()


def test_the_next_step_is_a_line_to_copy() -> None:
    assert "LLM_BACKEND=openai OPENAI_URL=http://127.0.0.1:8089/v1 LLM_MODEL=small make demo" in llm.what_to_set(
        Path("small.gguf"), 8089
    )


def test_versions_are_pinned() -> None:
    assert all("==" in package for package in llm.PACKAGES)
