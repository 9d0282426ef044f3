"""Who may put faults in."""

import pytest

from generator.live.loopback import refusal

HOST = "localhost:9101"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_programs_on_this_machine_may(address: str) -> None:
    assert refusal(address, HOST, None) is None


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", "0.0.0.0", "::ffff:192.0.2.7", "2001:db8::1", "", None])
def test_others_may_not(address: str | None) -> None:
    assert str(address) in (refusal(address, HOST, None) or "nothing")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9101", "127.0.0.1:9101", "[::1]:9101", "[::1]", "127.0.0.9"])
def test_this_machine_may_be_called_by_its_names(host: str) -> None:
    assert refusal("127.0.0.1", host, None) is None


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "evil.example:9101",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "0.0.0.0:9101",
        "192.0.2.7:9101",
        "localhost:9101@evil.example",
        "evil.example#localhost",
        "localhost:port",
        "::1",
        "[::2]:9101",
        " localhost",
        "localhost\n",
    ],
)
def test_a_name_that_somebody_else_points_here_is_refused(host: str | None) -> None:
    assert "Host header" in (refusal("127.0.0.1", host, None) or "nothing")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://localhost:9101"])
def test_a_web_page_is_refused(origin: str) -> None:
    assert "Origin" in (refusal("127.0.0.1", HOST, origin) or "nothing")
