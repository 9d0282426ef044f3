"""Grafana on this machine, where its program is found, with the provisioning that the project ships."""

import os
import shutil
from pathlib import Path

from local.paths import REPOSITORY
from local.ports import LOOPBACK
from local.service import Service
from local.stack import Stack, answers

HOMES = (Path("/usr/share/grafana"), Path("/opt/grafana"), Path("/opt/homebrew/opt/grafana/share/grafana"))
"""Where packages put Grafana's own files; GRAFANA_HOME names another place."""

INFINITY, INFINITY_VERSION = "yesoreyeram-infinity-datasource", "3.11.1"
"""The plugin that brings tables, sentences and annotations from the exporters."""

_PACKAGED_PLUGINS = Path("/var/lib/grafana/plugins")
"""Where `grafana cli plugins install` of a package puts plugins, beside the home folder."""

_STOP_SECONDS = 5.0


def find_grafana() -> tuple[Path, Path] | None:
    """Return program and home folder, or None where there is no Grafana."""
    named = os.environ.get("GRAFANA_HOME")
    homes = [Path(named)] if named else [home for home in HOMES if home.is_dir()]
    for home in homes:
        program = home / "bin" / "grafana"
        if program.is_file():
            return program, home
    found = shutil.which("grafana")
    return (Path(found), homes[0]) if found and homes else None


def plugins_folder(home: Path) -> Path:
    """Return where Grafana finds its plugins: GF_PATHS_PLUGINS, else the package's folder or the one in its home."""
    named = os.environ.get("GF_PATHS_PLUGINS")
    if named:
        return Path(named)
    return _PACKAGED_PLUGINS if home in HOMES and _PACKAGED_PLUGINS.is_dir() else home / "data" / "plugins"


def lacks_infinity(home: Path) -> bool:
    """Return whether the panels that read from the exporters stay empty in this Grafana."""
    return not (plugins_folder(home) / INFINITY).is_dir()


def grafana(stack: Stack, program: Path, home: Path) -> Service:
    """Return Grafana for a stack: everyone on this machine may look, its data lies beside the stack's."""
    data = stack.data_dir / "grafana"
    environment = {
        "GF_SERVER_HTTP_ADDR": LOOPBACK,
        "GF_SERVER_HTTP_PORT": str(stack.ports.grafana),
        "GF_PATHS_PROVISIONING": str(REPOSITORY / "grafana" / "provisioning"),
        "GF_PATHS_DATA": str(data),
        "GF_PATHS_LOGS": str(data / "logs"),
        "GF_PATHS_PLUGINS": str(plugins_folder(home)),
        # Grafana would fetch plugins of its own choice at each start.
        "GF_PLUGINS_PREINSTALL_DISABLED": "true",
        "GF_AUTH_ANONYMOUS_ENABLED": "true",
        "GF_AUTH_ANONYMOUS_ORG_ROLE": "Viewer",
        "GF_ANALYTICS_REPORTING_ENABLED": "false",
        "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
        "DASHBOARDS_DIR": str(REPOSITORY / "grafana" / "dashboards"),
        "PROMETHEUS_URL": stack.url("prometheus"),
        "EXPORTERS_URL": stack.exporters_url,
        "GF_EXPORTERS_TOKEN": stack.token_text,
    }
    command = [str(program), "server", "--homepath", str(home)]
    ready = answers(f"{stack.url('grafana')}/api/health")
    return Service("grafana", command, environment, stack.log("grafana"), ready, _STOP_SECONDS)
