"""Who may put faults in: programs on this machine, and no web page that a browser on it shows.

A page of somewhere else can make a browser send requests to this machine, directly (they have an ``Origin``) or under
a name of its own that it lets point here (*DNS rebinding*; the ``Host`` is that name).
"""

import re
from ipaddress import IPv6Address, ip_address

_HOST = re.compile(r"(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<name>[A-Za-z0-9.-]+))(?::[0-9]{1,5})?")


def refusal(remote_address: str | None, host: str | None, origin: str | None) -> str | None:
    """Say why a request may not put faults in, or None when it may.

    Args:
        remote_address: where the connection comes from.
        host: the request's ``Host`` header.
        origin: its ``Origin`` header.

    >>> refusal("127.0.0.1", "localhost:9101", None)
    >>> refusal("192.0.2.7", "localhost:9101", None)
    'only programs on this machine may do this, not 192.0.2.7'
    """
    if not _is_loopback(remote_address):
        return f"only programs on this machine may do this, not {remote_address}"
    if origin is not None:
        return "web pages may not do this: the request has an Origin header"
    if not _names_this_machine(host):
        return f"the Host header has to be localhost or a loopback address, not {host!r}"
    return None


def _names_this_machine(host: str | None) -> bool:
    found = _HOST.fullmatch(host or "")
    if found is None:
        return False
    name = found["v6"] or found["name"]
    return name.lower() == "localhost" or _is_loopback(name)


def _is_loopback(text: str | None) -> bool:
    try:
        address = ip_address(text or "")
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
