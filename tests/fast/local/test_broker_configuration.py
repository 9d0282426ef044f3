from pathlib import Path

from local.broker_configuration import server_properties


def properties() -> dict[str, str]:
    text = server_properties(Path("/some/where"), 1111, 2222)
    return dict(line.split("=", 1) for line in text.splitlines())


def test_the_broker_listens_on_the_loopback_interface_only() -> None:
    settings = properties()
    listeners = f"{settings['listeners']},{settings['advertised.listeners']}".split(",")
    assert {listener.split("://")[1].split(":")[0] for listener in listeners} == {"127.0.0.1"}


def test_everything_has_one_replica_and_no_topic_comes_by_itself() -> None:
    settings = properties()
    assert {value for name, value in settings.items() if "replication.factor" in name} == {"1"}
    assert settings["auto.create.topics.enable"] == "false"
    assert settings["log.dirs"] == "/some/where"
