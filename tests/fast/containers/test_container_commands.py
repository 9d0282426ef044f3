"""What the commands make of .env, and what they tell Compose."""

from pathlib import Path

import pytest

from containers import commands, source
from containers.__main__ import main
from containers.engine import REPOSITORY
from containers.secret_files import SECRETS

BUILDS = [f"build {service}" for service in commands.BUILT]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let Compose be a program that notes what it is told, one call a line, and .env a file of the test."""
    script = tmp_path / "podman-compose"
    notes = tmp_path / "told"
    script.write_text(f'#!/bin/sh\necho "$*" >> {notes}\n', encoding="utf-8")
    script.chmod(0o755)
    for secret in SECRETS:
        monkeypatch.delenv(secret.variable, raising=False)
        monkeypatch.delenv(f"{secret.variable}_FILE", raising=False)
    monkeypatch.setenv("COMPOSE", str(script))
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path / "secrets"))
    monkeypatch.setattr(commands, "ENV_FILE", tmp_path / ".env")
    return notes


def calls(notes: Path) -> list[str]:
    return [line for line in notes.read_text(encoding="utf-8").splitlines() if line != "version"]


def test_the_files_of_the_secrets_are_those_of_the_compose_file(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    variables = {"SECRETS_DIR": str(folder), "SLACK_WEBHOOK_URL": "https://hooks.invalid/x"}
    complete, changed = commands.prepare(tmp_path / ".env", variables)
    assert changed
    assert (folder / "api_token").read_text(encoding="utf-8") == complete["API_TOKEN"]
    assert (folder / "webhook_token").read_text(encoding="utf-8") == ""
    assert "- receiver: slack" in (folder / "alertmanager.yml").read_text(encoding="utf-8")
    assert commands.prepare(tmp_path / ".env", complete) == (complete, False)


def test_the_environment_wins_over_the_file_as_it_does_for_compose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("GRAFANA_PORT=1\nKAFKA_PORT=2\n", encoding="utf-8")
    monkeypatch.setenv("GRAFANA_PORT", "3")
    monkeypatch.setenv("KAFKA_PORT", "")
    known = commands.known_variables(tmp_path / ".env")
    assert (known["GRAFANA_PORT"], known["KAFKA_PORT"]) == ("3", "2")


def test_new_secrets_make_new_containers_and_old_ones_do_not(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "wait_until_ready", lambda *_: {})
    assert main(["up"]) == 0
    assert main(["up"]) == 0
    assert calls(told) == [
        *BUILDS,
        "up --no-start --force-recreate",
        "up --detach",
        *BUILDS,
        "up --no-start",
        "up --detach",
    ]


def test_a_model_that_is_wanted_is_started_too(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "wait_until_ready", lambda *_: {})
    monkeypatch.setenv("LLM_BACKEND", "ollama")
    main(["up"])
    assert {call.partition(" up ")[0] for call in calls(told) if " up " in call} == {"--profile ollama"}
    assert calls(told)[-1] == "--profile ollama up --detach"


def test_what_cannot_be_built_ends_the_start(told: Path, tmp_path: Path) -> None:
    with (tmp_path / "podman-compose").open("a", encoding="utf-8") as script:
        script.write('test "$2" != streaming || exit 3\n')
    assert main(["up"]) == 3
    assert calls(told) == BUILDS[:2]


def test_the_files_of_the_containers_are_known_to_compose_by_their_digest(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "wait_until_ready", lambda *_: {})
    with (tmp_path / "podman-compose").open("a", encoding="utf-8") as script:
        script.write(f'echo "$SOURCE_DIGEST" >> {tmp_path}/digests\n')
    main(["up"])
    assert told.exists()
    assert set((tmp_path / "digests").read_text().split()) == {source.digest(REPOSITORY)}


def test_podman_compose_1_3_is_told_the_defaults_of_the_file_where_nobody_says_otherwise(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "wait_until_ready", lambda *_: {})
    monkeypatch.setenv("LLM_BACKEND", "ollama")
    monkeypatch.delenv("MAX_EVENTS_PER_BATCH", raising=False)
    with (tmp_path / "podman-compose").open("a", encoding="utf-8") as script:
        script.write(f'echo "$LLM_BACKEND $MAX_EVENTS_PER_BATCH" >> {tmp_path}/variables\n')
    main(["up"])
    assert told.exists()
    assert (tmp_path / "variables").read_text(encoding="utf-8").splitlines()[-1] == "ollama 200000"


def test_a_start_that_does_not_end_is_given_up_and_what_is_missing_is_named(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "DEADLINE_SECONDS", 0.2)
    monkeypatch.setattr(commands, "wait_until_ready", lambda *_: {"alertmanager": "does not answer"})
    with (tmp_path / "podman-compose").open("a", encoding="utf-8") as script:
        script.write('test "$*" != "up --detach" || exec sleep 60\n')
    assert main(["up"]) == 1
    assert "alertmanager is not well: does not answer" in capsys.readouterr().out
    assert calls(told)[-1] == "up --detach"


def test_what_is_not_well_in_time_is_named_with_its_reason(
    told: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "wait_until_ready", lambda *_: {"streaming": "status 503: waiting for Kafka"})
    assert main(["up"]) == 1
    assert "streaming is not well: status 503: waiting for Kafka. Its log: make logs SERVICE=streaming" in (
        capsys.readouterr().out
    )
    assert told.exists()


def test_a_wrong_port_is_found_before_anything_starts(
    told: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRAFANA_PORT", "70000")
    assert main(["up"]) == 1
    assert "GRAFANA_PORT = '70000'" in capsys.readouterr().err
    assert calls(told) == []


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        (["down"], "--profile ollama down"),
        (["down", "--data"], "--profile ollama down --volumes"),
        (["restart"], "restart"),
        (["restart", "streaming"], "restart streaming"),
        (["logs", "kafka"], "logs --follow --tail=20 kafka"),
        (["exec", "exporters", "python", "-m", "x", "--flag"], "exec -T exporters python -m x --flag"),
    ],
)
def test_each_command_has_its_call(told: Path, arguments: list[str], call: str) -> None:
    assert main(arguments) == 0
    assert calls(told) == [call]


def test_containers_run_when_compose_names_one(told: Path, tmp_path: Path) -> None:
    assert main(["running"]) == 1
    with (tmp_path / "podman-compose").open("a", encoding="utf-8") as script:
        script.write('test "$1" != ps || echo 0123456789ab\n')
    assert main(["running"]) == 0
    assert calls(told) == ["ps -q", "ps -q"]


def test_the_status_tells_what_answers_and_why_one_does_not(
    told: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reasons = {9104: "status 503: waiting for Kafka"}
    monkeypatch.setattr(commands, "reason_not_well", lambda port, _path: reasons.get(port))
    assert main(["status"]) == 1
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines["narrator"].endswith("not well: status 503: waiting for Kafka")
    assert lines["detector"].endswith("up")
    reasons.clear()
    assert main(["status"]) == 0
    assert not told.exists()


def test_without_compose_nothing_runs_in_containers_and_nothing_is_said(
    told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMPOSE", str(tmp_path / "absent"))
    assert main(["running"]) == 1
    assert capsys.readouterr().err == ""
    assert main(["up"]) == 1
    assert "does not work" in capsys.readouterr().err
    assert not told.exists()
