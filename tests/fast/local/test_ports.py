import os
import socket

import pytest

from local.ports import LOOPBACK, PortTakenError, check_free, free_ports, holder, is_free


def listening() -> tuple[socket.socket, int]:
    server = socket.create_server((LOOPBACK, 0))
    return server, server.getsockname()[1]


def test_a_taken_port_is_named_with_its_purpose_and_its_process() -> None:
    server, port = listening()
    with server, pytest.raises(PortTakenError) as caught:
        check_free([("Kafka clients", port)])
    text = str(caught.value)
    assert f"port {port} (Kafka clients)" in text
    assert f"process {os.getpid()}" in text


def test_a_port_is_free_again_after_its_listener_has_gone() -> None:
    server, port = listening()
    assert not is_free(port)
    server.close()
    assert is_free(port)
    check_free([("anything", port)])


def test_free_ports_are_different_and_free() -> None:
    ports = free_ports(5)
    assert len(set(ports)) == 5
    assert all(is_free(port) for port in ports)


def test_a_port_that_nobody_has_is_reported_as_held_by_an_unknown_process() -> None:
    assert "not visible" in holder(free_ports(1)[0])
