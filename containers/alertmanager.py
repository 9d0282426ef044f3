"""Alertmanager's configuration with the receivers switched on whose secrets are there."""

import json
import re
from collections.abc import Mapping

from containers.errors import ContainersError

ADDRESS_VARIABLE = "ALERT_WEBHOOK_URL"
"""Where the receiver ``webhook`` sends alerts; its bearer token is a secret of its own, which may be missing."""

NO_ROUTES = "  routes: []\n"
NO_ADDRESS = "http://webhook.invalid/alerts"
"""What stands in the shipped file in place of what is rendered."""

_SWITCHES = {"slack": "SLACK_WEBHOOK_URL", "pagerduty": "PAGERDUTY_ROUTING_KEY", "webhook": ADDRESS_VARIABLE}
_MATCHERS = {"pagerduty": """      matchers: ['severity = "critical"']\n"""}


class AlertmanagerConfigurationError(ContainersError):
    """The shipped configuration or an address in .env is not of the expected form."""


def rendered(shipped: str, values: Mapping[str, str]) -> str:
    """Return the configuration that Alertmanager runs on.

    Args:
        shipped: prometheus/alertmanager/alertmanager.yml, in which nobody is told of anything.
        values: variables with their values.

    Raises:
        AlertmanagerConfigurationError: the shipped file has no place for it, or the address is none.
    """
    address = values.get(ADDRESS_VARIABLE, NO_ADDRESS)
    if not re.fullmatch(r"https?://[^\s\"]+", address):
        raise AlertmanagerConfigurationError(f"{ADDRESS_VARIABLE} is written as http://host/path or https://host/path")
    receivers = [receiver for receiver, variable in _SWITCHES.items() if values.get(variable)]
    with_routes = _replaced_once(shipped, NO_ROUTES, _routes(receivers))
    return _replaced_once(with_routes, f"url: {NO_ADDRESS}", f"url: {json.dumps(address)}")


def _routes(receivers: list[str]) -> str:
    if not receivers:
        return NO_ROUTES
    # `continue` lets the routes after it be tried as well.
    routes = (f"    - receiver: {name}\n{_MATCHERS.get(name, '')}      continue: true\n" for name in receivers)
    return "  routes:\n" + "".join(routes)


def _replaced_once(text: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        raise AlertmanagerConfigurationError(
            f"the shipped configuration of Alertmanager has `{old.strip()}` {text.count(old)} times, not once; "
            "it is where the receivers of .env are put in"
        )
    return text.replace(old, new)
