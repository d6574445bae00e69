"""`rakuten-orders.yaml`: which accounts, with which secrets, rules, carriers and back office.

Read through the same reader and schemas as the rules: text and positions, all findings at once.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from rakuten_orders.connection.addresses import DEFAULT_ENDPOINT, address_problem, is_loopback
from rakuten_orders.connection.secret import Secret, SecretKind
from rakuten_orders.connection.secret_places import SECRET_KINDS, plainer
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.engine import Engine
from rakuten_orders.errors import ConfigError
from rakuten_orders.given_paths import given_path
from rakuten_orders.names import nearest
from rakuten_orders.rulefiles import Document, read_document
from rakuten_orders.schemas import Rules, duration, mapping, one_or_more, text
from rakuten_orders.shape import check_against

GETNEWSALES_EVERY = dt.timedelta(minutes=10)
"""How often Rakuten is asked for new sales at most (a production client refuses to ask more often)."""

STORE = "orders.sqlite3"
RULES = "rules"
CARRIERS = "carriers.d"
LABEL_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"

_SECRET_KEYS: dict[str, Rules] = {
    "env": text("the name of the environment variable that holds it"),
    "file": text("the file that holds it"),
    "command": one_or_more("the command that prints it, a word an entry"),
}


def _secret_rule(about: str, **rules: Any) -> Rules:
    return mapping(about, _SECRET_KEYS, **rules)


_CONNECTION: Rules = mapping(
    "one seller account",
    {
        "login": text("the account's name; not the e-mail address", required=True),
        "token": _secret_rule("where the API token is", required=True),
        "since": text("accepted sales bought before this day are not taken in", "date"),
        "getnewsales_every": text("how often new sales are asked for at most", "duration"),
        "endpoint": text("the marketplace's address"),
        "rules": text("a folder of rules for this connection alone"),
        "carriers": one_or_more("folders of carriers for this connection alone"),
        "versions": {
            "type": "dict",
            "valuesrules": text("the version to ask for"),
            "meta": {"about": "versions of Rakuten's services, by action", "kind": "mapping"},
        },
        "back_office": mapping(
            "where orders go and shipments come from",
            {
                "folder": text("a folder that files are exchanged in"),
                "url": text("the address of an HTTP back office"),
                "header": mapping(
                    "the header that authenticates us",
                    {
                        "name": text("its name", required=True),
                        "value": _secret_rule("where its value is", required=True),
                    },
                ),
                "secret": _secret_rule("the key that messages are signed with"),
            },
            required=True,
        ),
    },
)

SCHEMA: dict[str, Rules] = {
    "connections": {
        "type": "dict",
        "required": True,
        "nullable": True,
        "valuesrules": _CONNECTION,
        "meta": {"about": "seller accounts, by label", "kind": "mapping"},
    },
    "notify": mapping(
        "where news of errors goes",
        {
            "url": _secret_rule("where the address is", required=True),
            "format": text("the form of the message", allowed=["json", "slack"]),
        },
    ),
}
"""What a valid configuration is."""


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """A back office that exchanges files: its folder, absolute."""

    folder: Path


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """A back office that speaks HTTP: its address, the header that authenticates us, the key to sign with."""

    url: str
    header: tuple[str, Secret] | None = None
    secret: Secret | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """One seller account and everything that is set for it. ``rules`` and ``carriers`` are its own, absolute.

    ``back_office`` None is for whoever gives `sync` a back office of their own.
    """

    label: str
    login: str
    token: Secret
    back_office: FolderSettings | HttpSettings | None = None
    since: dt.date | None = None
    getnewsales_every: dt.timedelta = GETNEWSALES_EVERY
    endpoint: str = DEFAULT_ENDPOINT
    rules: Path | None = None
    carriers: tuple[Path, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The account as the store knows it: Rakuten compares logins without case (inferred)."""
        return self.login.casefold()


@dataclass(frozen=True, slots=True)
class Notify:
    """Where news of errors goes: the secret holds the address, ``format`` is ``json`` or ``slack``."""

    url: Secret
    format: str = "json"


@dataclass(frozen=True, slots=True)
class Configuration:
    """A configuration file that is valid. ``diagnostics`` holds its warnings."""

    file: Path
    connections: tuple[Connection, ...] = ()
    notify: Notify | None = None
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def folder(self) -> Path:
        """The project folder, absolute."""
        return self.file.absolute().parent

    @property
    def store(self) -> Path:
        """The store's file."""
        return self.folder / STORE

    def connection(self, label: str) -> Connection:
        """The connection with this label. Raises ConfigError, with the nearest label, where there is none."""
        for connection in self.connections:
            if connection.label == label:
                return connection
        labels = [connection.label for connection in self.connections]
        near = nearest(label, labels)
        known = f"did you mean {near}?" if near else f"there are: {', '.join(labels) or 'none yet'}"
        raise ConfigError(f"{self.file.as_posix()} has no connection {label}", known)


def load_configuration(path: Path) -> Configuration:
    """The configuration in a file.

    Raises ConfigError where the file is missing or wrong; ``.diagnostics`` then has every finding with its place.
    """
    try:
        data = path.read_bytes()
    except OSError as fault:
        what = (
            "does not exist" if isinstance(fault, FileNotFoundError) else (fault.strerror or "cannot be read").lower()
        )
        hint = "Make it with: rakuten-orders connection add LABEL --login … (see --help)"
        raise ConfigError(f"the configuration {path.as_posix()} {what}", hint) from None
    return read_configuration(path, data)


def read_configuration(path: Path, data: bytes) -> Configuration:
    """The configuration in a file's bytes. Raises ConfigError as ``load_configuration`` does."""
    document, findings = read_document(path.as_posix(), data)
    if document is not None:
        shaped, faults = check_against(document, SCHEMA)
        findings = plainer(document, [*findings, *faults, *_meaning_findings(shaped)])
    errors = sum(found.severity == "error" for found in findings)
    if document is None or errors:
        mistakes = "a mistake" if errors == 1 else f"{errors} mistakes"
        hint = "Correct the places above." if errors > 1 else "Correct it and run the command again."
        raise ConfigError(f"the configuration {path.as_posix()} has {mistakes}", hint, sorted(findings))
    folder = path.absolute().parent
    found = document.data["connections"] or {}
    connections = tuple(_connection(label, values, folder) for label, values in found.items())
    return Configuration(path, connections, _notify(document.data.get("notify"), folder), tuple(sorted(findings)))


def rule_folders(folder: Path, connection: Connection | None = None, extra: Sequence[Path] = ()) -> tuple[Path, ...]:
    """The folders of rules over the shipped ones, nearest last: the project's, the connection's, ``extra``."""
    own = (connection.rules,) if connection and connection.rules else ()
    project = folder / RULES
    return (*((project,) if project.is_dir() else ()), *own, *extra)


def carrier_folders(folder: Path, connection: Connection | None = None, extra: Sequence[Path] = ()) -> tuple[Path, ...]:
    """The folders of carriers over the shipped ones, nearest last: the project's, the connection's, ``extra``."""
    project = folder / CARRIERS
    return (*((project,) if project.is_dir() else ()), *(connection.carriers if connection else ()), *extra)


def load_engine(
    folder: Path, connection: Connection | None = None, *, rules: Sequence[Path] = (), carriers: Sequence[Path] = ()
) -> Engine:
    """The engine of a project folder and a connection; ``rules`` and ``carriers`` come last and win.

    Raises RulesError with every finding in ``.diagnostics``.
    """
    return Engine.load(rule_folders(folder, connection, rules), carrier_folders(folder, connection, carriers))


def _meaning_findings(document: Document) -> list[Diagnostic]:
    """What a schema cannot say, of all that has the shape that it says; what has not is not there."""
    logins: dict[str, str] = {}
    findings: list[Diagnostic] = []
    for label, values in (document.data.get("connections") or {}).items():
        place = ("connections", label)
        findings += _connection_findings(document, place, values)
        login = values.get("login", "")
        first = logins.setdefault(login.casefold(), label) if login else label
        if first != label:
            findings.append(document.finding("duplicate-account", (*place, "login"), login=login, first=first))
    if "url" in document.data.get("notify", {}):
        findings += _secret_findings(document, ("notify", "url"))
    return findings


def _connection_findings(document: Document, place: tuple[str, str], values: Mapping[str, Any]) -> Iterator[Diagnostic]:
    if not re.fullmatch(LABEL_PATTERN, place[1]):
        yield document.finding("bad-label", place, at_key=True, label=place[1])
    if "@" in values.get("login", ""):
        yield document.finding("email-as-login", (*place, "login"))
    if "token" in values:
        yield from _secret_findings(document, (*place, "token"))
    endpoint = values.get("endpoint", DEFAULT_ENDPOINT)
    problem = address_problem(endpoint)
    if problem:
        yield document.finding("bad-address", (*place, "endpoint"), name="endpoint", problem=problem)
    every = duration(values.get("getnewsales_every", "10m"))
    if every is not None and every < GETNEWSALES_EVERY and not is_loopback(endpoint):
        yield document.finding("asked-too-often", (*place, "getnewsales_every"))
    if "back_office" in values:
        yield from _back_office_findings(document, (*place, "back_office"))


def _back_office_findings(document: Document, place: tuple[str, ...]) -> Iterator[Diagnostic]:
    node = document.node(place)
    if ("folder" in node.keys) == ("url" in node.keys):
        yield document.finding("one-of", place, name="back_office", choices="folder, url")
        return
    if "folder" in node.keys:
        for name in ("header", "secret"):
            if name in node.keys:
                yield document.finding("one-of", (*place, name), "only_with", at_key=True, name=name, other="url")
        return
    problem = address_problem(node.value["url"]) if "url" in node.value else None
    if problem:
        yield document.finding("bad-address", (*place, "url"), name="url", problem=problem)
    if "value" in node.value.get("header", {}):
        yield from _secret_findings(document, (*place, "header", "value"))
    if "secret" in node.value:
        yield from _secret_findings(document, (*place, "secret"))


def _secret_findings(document: Document, place: tuple[str, ...]) -> Iterator[Diagnostic]:
    # A misspelt key counts as the one that was meant.
    if sum(kind in document.node(place).keys for kind in SECRET_KINDS) != 1:
        yield document.finding("one-of", place, name=place[-1], choices=", ".join(SECRET_KINDS))


def _connection(label: str, values: Mapping[str, Any], folder: Path) -> Connection:
    every = duration(values.get("getnewsales_every", ""))
    carriers = values.get("carriers", [])
    return Connection(
        label,
        values["login"],
        _secret(values["token"], folder),
        _back_office(values["back_office"], folder),
        since=dt.date.fromisoformat(values["since"]) if "since" in values else None,
        getnewsales_every=GETNEWSALES_EVERY if every is None else every,
        endpoint=values.get("endpoint", DEFAULT_ENDPOINT).rstrip("/"),
        rules=_path(values["rules"], folder) if "rules" in values else None,
        carriers=tuple(_path(entry, folder) for entry in ([carriers] if isinstance(carriers, str) else carriers)),
        versions=dict(values.get("versions", {})),
    )


def _back_office(values: Mapping[str, Any], folder: Path) -> FolderSettings | HttpSettings:
    if "folder" in values:
        return FolderSettings(_path(values["folder"], folder))
    header = values.get("header")
    return HttpSettings(
        values["url"],
        (header["name"], _secret(header["value"], folder)) if header else None,
        _secret(values["secret"], folder) if "secret" in values else None,
    )


def _notify(values: Mapping[str, Any] | None, folder: Path) -> Notify | None:
    return None if values is None else Notify(_secret(values["url"], folder), values.get("format", "json"))


def _secret(values: Mapping[str, Any], folder: Path) -> Secret:
    ((kind, place),) = values.items()
    return Secret(cast("SecretKind", kind), tuple(place) if isinstance(place, list) else (place,), folder)


def _path(text: str, folder: Path) -> Path:
    return given_path(str(Path(text).expanduser()), folder)
