"""Grafana's dashboard schema, as far as these dashboards use it: values with types that become its JSON."""

JsonObject = dict[str, object]
