"""Reads docker-compose.yml: the part of YAML that it is written in, and nothing that is not.

Blocks of mappings and lists, flow collections on one line, plain and double-quoted scalars, empty values as None,
anchors, aliases and merges. What else stands in the file is an error, so that it cannot be misread.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COMPOSE_FILE = Path(__file__).resolve().parents[3] / "docker-compose.yml"
_KEY = re.compile(r"([\w.\-<]+):(?: +(.*))?$")
_FLOW = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[\[\]{},]|[^\[\]{},"]+)')


class UnreadableYamlError(ValueError):
    """The text is not of the part of YAML that this reader knows."""


def compose() -> dict[str, Any]:
    """Return the content of docker-compose.yml."""
    return read_yaml(COMPOSE_FILE.read_text(encoding="utf-8"))


def services() -> dict[str, dict[str, Any]]:
    """Return the services of docker-compose.yml by name."""
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def read_yaml(text: str) -> dict[str, Any]:
    """Return the mapping that a text holds.

    Raises:
        UnreadableYamlError: naming the line.
    """
    lines = [line.rstrip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    reader = _Reader(lines)
    found = reader.block(0)
    if reader.lines or not isinstance(found, dict):
        raise UnreadableYamlError(f"not understood: {reader.lines[:1]}")
    return found


@dataclass
class _Reader:
    lines: list[str]
    anchors: dict[str, Any] = field(default_factory=dict)

    def block(self, indent: int) -> Any:  # noqa: ANN401 - YAML holds anything
        return self.sequence(indent) if self.lines[0].lstrip().startswith("- ") else self.mapping(indent)

    def sequence(self, indent: int) -> list[Any]:
        items: list[Any] = []
        while self._is_at(indent) and self.lines[0].lstrip().startswith("- "):
            item = self.lines[0].lstrip()[2:]
            if _KEY.match(item):
                self.lines[0] = " " * (indent + 2) + item
                items.append(self.mapping(indent + 2))
            else:
                self.lines.pop(0)
                items.append(self.value(item))
        return items

    def mapping(self, indent: int) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        while self._is_at(indent):
            match = _KEY.match(self.lines[0].strip())
            if match is None:
                raise UnreadableYamlError(self.lines[0])
            self.lines.pop(0)
            value = self.nested(match[2] or "", indent)
            if match[1] == "<<":
                for one in reversed(value if isinstance(value, list) else [value]):
                    merged.update(one)
            elif match[1] in own:
                raise UnreadableYamlError(f"{match[1]} stands twice in one mapping")
            else:
                own[match[1]] = value
        return {**merged, **own}

    def nested(self, text: str, indent: int) -> Any:  # noqa: ANN401
        anchor, text = text[1:].partition(" ")[::2] if text.startswith("&") else ("", text)
        value = self.value(text) if text else self._below(indent)
        if anchor:
            self.anchors[anchor] = value
        return value

    def _below(self, indent: int) -> Any:  # noqa: ANN401
        below = len(self.lines[0]) - len(self.lines[0].lstrip()) if self.lines else 0
        return self.block(below) if below > indent else None

    def _is_at(self, indent: int) -> bool:
        return bool(self.lines) and len(self.lines[0]) - len(self.lines[0].lstrip()) == indent

    def value(self, text: str) -> Any:  # noqa: ANN401
        if text[0] in '[{"':
            tokens = _FLOW.findall(text)
            value = self.flow(tokens)
            if tokens:
                raise UnreadableYamlError(text)
            return value
        if text[0] in "|>'&!%@`":
            raise UnreadableYamlError(text)
        return self.scalar(text)

    def flow(self, tokens: list[str]) -> Any:  # noqa: ANN401
        token = tokens.pop(0)
        if token == "[":
            return self._flow_items(tokens, "]")
        if token == "{":
            pairs = self._flow_items(tokens, "}")
            return {pair.partition(": ")[0]: self.scalar(pair.partition(": ")[2]) for pair in pairs}
        return self.scalar(token)

    def _flow_items(self, tokens: list[str], end: str) -> list[Any]:
        items: list[Any] = []
        while tokens and tokens[0] != end:
            items.append(self.flow(tokens))
            if tokens and tokens[0] == ",":
                tokens.pop(0)
        tokens.pop(0)
        return items

    def scalar(self, text: str) -> Any:  # noqa: ANN401
        text = text.strip()
        if text.startswith("*"):
            return self.anchors[text[1:]]
        if text in {"true", "false"}:
            return text == "true"
        if text.isdigit():
            return int(text)
        return json.loads(text) if text.startswith('"') else text
