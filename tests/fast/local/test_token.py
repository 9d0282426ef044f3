"""The token reaches the exporters, Prometheus and Grafana of a stack, those who ask, and nobody else."""

import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from contracts.metrics import HTTP_REQUESTS
from contracts.topics import AGGREGATED_METRICS, DEAD_LETTERS
from exporters.__main__ import serve
from exporters.settings import ExportersSettings
from exporters.store.decode import TOPICS
from local import health_command, jobs_command
from local.demo_text import banner
from local.exporters_client import ExportersClient, RefusedError
from local.grafana import grafana
from local.live_stack import LiveSettings, live_stack
from local.metrics_client import total
from local.paths import REPOSITORY
from local.ports import free_ports
from local.prometheus import write_configuration
from local.stack import Stack, answers
from runtime.memory import MemoryCluster, MemorySource
from tests.fast.maintenance.test_probes import until

TOKEN = SecretStr("0123456789abcdef")


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return replace(Stack.isolated(tmp_path, {}), token=TOKEN)


def test_of_the_services_the_exporters_alone_are_given_the_token(stack: Stack) -> None:
    others = (stack.generator(), stack.detector(), stack.narrator(), stack.broker())
    assert stack.exporters().env["API_TOKEN"] == TOKEN.get_secret_value()
    assert {service.env["API_TOKEN"] for service in others} == {""}
    assert {service.env["API_TOKEN_FILE"] for service in (*others, stack.exporters())} == {""}


def test_the_stack_of_a_replay_has_none_and_is_reached_from_this_machine_only(tmp_path: Path) -> None:
    environment = Stack.isolated(tmp_path, {}).exporters().env
    assert (environment["API_TOKEN"], environment["API_TOKEN_FILE"]) == ("", "")
    assert environment["HTTP_HOST"] == "127.0.0.1"


def test_the_token_of_the_surroundings_is_that_of_the_demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert live_stack(LiveSettings.from_environment()).token is None
    (tmp_path / "token").write_text("0123456789abcdef\n", encoding="utf-8")
    monkeypatch.setenv("API_TOKEN_FILE", str(tmp_path / "token"))
    assert live_stack(LiveSettings.from_environment()).token == TOKEN


def test_no_token_is_shipped() -> None:
    assert (REPOSITORY / "prometheus" / "secrets" / "api_token").read_bytes() == b""


def test_prometheus_gets_a_file_that_its_owner_alone_reads(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "prometheus" / "secrets" / "api_token"
    for _ in range(2):
        write_configuration(stack, tmp_path / "prometheus")
        assert file.read_text(encoding="utf-8") == TOKEN.get_secret_value()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    write_configuration(replace(stack, token=None), tmp_path / "prometheus")
    assert file.read_bytes() == b""


def test_grafana_gets_it_for_its_datasource(stack: Stack) -> None:
    program, home = Path("/opt/grafana/bin/grafana"), Path("/opt/grafana")
    assert grafana(stack, program, home).env["GF_EXPORTERS_TOKEN"] == TOKEN.get_secret_value()
    assert grafana(replace(stack, token=None), program, home).env["GF_EXPORTERS_TOKEN"] == ""


def test_the_demo_says_that_curl_needs_it_and_does_not_show_it(stack: Stack) -> None:
    assert "Authorization: Bearer" in banner(stack, [], 1)
    assert TOKEN.get_secret_value() not in banner(stack, [], 1)
    assert "Bearer" not in banner(replace(stack, token=None), [], 1)


@pytest.fixture
def exporters(tmp_path: Path) -> Iterator[str]:
    (port,) = free_ports(1)
    settings = ExportersSettings(
        exporters_port=port, duckdb_path=tmp_path / "data.db", sink_poll_seconds=0.01, api_token=TOKEN
    )
    stop, source = threading.Event(), MemorySource(MemoryCluster((AGGREGATED_METRICS, DEAD_LETTERS)), TOPICS)
    thread = threading.Thread(target=serve, args=(settings, source, stop))
    thread.start()
    url = f"http://127.0.0.1:{port}"
    try:
        until(answers(f"{url}/health"))
        yield url
    finally:
        stop.set()
        thread.join()


def test_clients_with_the_token_are_answered_and_others_told_what_is_missing(exporters: str) -> None:
    known, stranger = ExportersClient(exporters, TOKEN), ExportersClient(exporters, SecretStr("another-0123456789"))
    assert known.books()["received"] == 0
    assert known.run_job("health")["outcome"] == "succeeded"
    for client in (stranger, ExportersClient(exporters)):
        with pytest.raises(RefusedError, match="API_TOKEN"):
            client.rows("jobs")
        with pytest.raises(RefusedError, match="API_TOKEN"):
            client.run_job("health")
    assert (total(exporters, HTTP_REQUESTS, token=TOKEN) or 0) > 0
    assert total(exporters, HTTP_REQUESTS) is None


def test_commands_bear_the_token_of_the_surroundings(
    exporters: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EXPORTERS_PORT", exporters.rpartition(":")[2])
    assert health_command.main() == 1
    assert jobs_command.main([""]) == 1
    assert capsys.readouterr().err.count("The exporters ask for a token") == 2
    monkeypatch.setenv("API_TOKEN", TOKEN.get_secret_value())
    assert jobs_command.main(["health"]) == 0
    assert jobs_command.main([""]) == 0
    health_command.main()
    assert capsys.readouterr().err == ""
