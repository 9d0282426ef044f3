"""Links: between the dashboards, and from a value to where its story is told."""

from grafana.schema import JsonObject

SERVICE_VARIABLE = "${service:queryparam}"
TIME_RANGE = "${__url_time_range}"


def data_link(title: str, url: str, *, new_tab: bool = False) -> list[JsonObject]:
    """Return the one link of a field."""
    return [{"title": title, "url": url, "targetBlank": new_tab}]


def dashboard_link(title: str, uid: str, *, with_variables: bool) -> JsonObject:
    """Return a link on top of a dashboard; the time range goes along."""
    return {
        "type": "link",
        "title": title,
        "url": f"/d/{uid}",
        "icon": "dashboard",
        "keepTime": True,
        "includeVars": with_variables,
        "targetBlank": False,
        "asDropdown": False,
        "tags": [],
        "tooltip": "",
    }
