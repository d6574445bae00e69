"""Adding and removing connections in the configuration's text; every other line stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from rakuten_orders.connection.config import Configuration, load_configuration, read_configuration
from rakuten_orders.connection.whole_files import write_whole
from rakuten_orders.errors import ConfigError
from rakuten_orders.rulefiles import Document, read_document
from rakuten_orders.scalars import read_differently

Values = Mapping[str, "str | Mapping[str, str | Sequence[str]]"]
"""A connection's keys, in the order in which they are written; one level of mappings below, written in line."""


def add_connection(path: Path, label: str, values: Values) -> Configuration:
    """Appends a connection and writes the file, made where it does not exist; the configuration afterwards.

    Raises ConfigError, and changes nothing, where the result would not be valid or the label is taken.
    """
    if not path.exists():
        if not path.parent.is_dir():
            raise ConfigError(f"the folder {path.parent.as_posix()} does not exist", "Make it first.")
        before = "connections: {}\n"
    else:
        before = path.read_bytes().decode("utf-8-sig")
        if any(connection.label == label for connection in load_configuration(path).connections):
            raise ConfigError(
                f"{path.as_posix()} has a connection {label} already",
                f"Choose another label, or remove it first: rakuten-orders connection remove {label}",
            )
    after = _with_block(path, before, label, values)
    configuration = read_configuration(path, after.encode())
    write_whole(path, after.encode())
    return configuration


def remove_connection(path: Path, label: str) -> Configuration:
    """Removes a connection from the file; the configuration afterwards. Orders in the store stay.

    Raises ConfigError, and changes nothing, where there is no such connection.
    """
    before = load_configuration(path)
    before.connection(label)
    text = path.read_bytes().decode("utf-8-sig")
    after = _without_block(path, text, label)
    configuration = read_configuration(path, after.encode())
    if [c.label for c in configuration.connections] != [c.label for c in before.connections if c.label != label]:
        raise _by_hand(path, "removed")
    write_whole(path, after.encode())
    return configuration


def _with_block(path: Path, text: str, label: str, values: Values) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += newline
    document = _document(path, text)
    node = document.node(("connections",))
    key = document.root.keys["connections"]
    if not node.children:
        lines[key.line - 1] = (
            re.sub(r"\s*(\{\s*\}|~|null)?(\s*#.*)?\s*$", r"\2", lines[key.line - 1].rstrip()) + newline
        )
        indent, last = " " * (key.column + 1), key.line
    else:
        labels = list(node.keys.values())
        if labels[0].line == key.line:
            raise _by_hand(path, "added")
        indent, last = " " * (labels[0].column - 1), _last_line(lines, labels[-1].line, labels[-1].column)
    block = [f"{indent}{_scalar(label)}:", *(f"{indent}  {name}: {_value(value)}" for name, value in values.items())]
    return "".join([*lines[:last], *(line + newline for line in block), *lines[last:]])


def _without_block(path: Path, text: str, label: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    document = _document(path, text)
    connections = document.root.keys["connections"]
    key = document.node(("connections",)).keys[label]
    if key.line == connections.line:
        raise _by_hand(path, "removed")
    kept = [*lines[: key.line - 1], *lines[_last_line(lines, key.line, key.column) :]]
    if len(document.node(("connections",)).keys) == 1:
        kept[connections.line - 1] = kept[connections.line - 1].rstrip().replace("connections:", "connections: {}", 1)
        kept[connections.line - 1] += newline
    return "".join(kept)


def _last_line(lines: Sequence[str], line: int, column: int) -> int:
    """The last line (from 1) of the block whose key stands at ``line`` and ``column``."""
    last = line
    for number in range(line + 1, len(lines) + 1):
        content = lines[number - 1].rstrip()
        indent = len(content) - len(content.lstrip())
        if not content:
            continue
        if indent < column:
            break
        last = number
    return last


def _document(path: Path, text: str) -> Document:
    document, findings = read_document(path.as_posix(), text.encode())
    if document is None or not document.sound:
        raise ConfigError(f"the configuration {path.as_posix()} cannot be read", "Correct it first.", findings)
    return document


def _value(value: str | Mapping[str, str | Sequence[str]]) -> str:
    if isinstance(value, str):
        return _scalar(value)
    return "{" + ", ".join(f"{name}: {_flow(entry)}" for name, entry in value.items()) + "}"


def _flow(value: str | Sequence[str]) -> str:
    return _scalar(value) if isinstance(value, str) else "[" + ", ".join(map(_scalar, value)) + "]"


def _scalar(text: str) -> str:
    """Plain where every YAML reader takes it for the same text or date, else in single quotes."""
    plain = re.fullmatch(r"[\w./][\w./ -]*(:[\w./-]+)*", text, re.ASCII) and text == text.strip()
    if plain and (read_differently(text) is None or re.fullmatch(r"\d{4}-\d\d-\d\d", text)):
        return text
    return "'" + text.replace("'", "''") + "'"


def _by_hand(path: Path, done: str) -> ConfigError:
    return ConfigError(
        f"the connection cannot be {done}: {path.as_posix()} writes its connections on one line",
        "Edit the file by hand, or write each connection on lines of its own.",
    )
