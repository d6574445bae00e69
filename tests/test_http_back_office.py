"""The HTTP back office against real servers: what is sent, what each answer means, what is tried again."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pytest
import yaml

from rakuten_orders.connection import HttpBackOffice
from rakuten_orders.connection.back_offices import Message
from rakuten_orders.connection.conformance import MESSAGE, SHIPMENT
from rakuten_orders.errors import BackOfficeError, ConfigError

if TYPE_CHECKING:
    from conftest import Project, Shop

HEADER = ("Authorization", "Bearer marked-token-4711")
SECRET = "marked-secret-0815"
DESCRIPTION = Path(__file__).parents[1] / "engine/rakuten_orders/connection/back_offices/openapi.yaml"
API = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))


class Office(ThreadingHTTPServer):
    """A back office that takes everything, unless a test tells it what to answer next."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answers: list[Any] = []
        self.shipments: list[dict[str, object]] = []
        self.page = 100
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for method, _, _, body in self.requests if method == "POST"]

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Office

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def do_GET(self) -> None:
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        self.server.requests.append((self.command, self.path, dict(self.headers), body))
        answer = self.server.answers.pop(0) if self.server.answers else None
        if callable(answer):
            answer(self)
        elif answer is not None:
            self.reply(*answer)
        elif self.command == "POST":
            self.reply(201, b"")
        else:
            after = int(parse_qs(urlsplit(self.path).query).get("after", ["0"])[0])
            some = self.server.shipments[after : after + self.server.page]
            self.reply(200, json.dumps({"shipments": some, "cursor": str(after + len(some))}).encode())

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[Office]:
    running = Office()
    yield running
    running.stop()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def office(server: Office, pauses: list[float]) -> Iterator[HttpBackOffice]:
    with HttpBackOffice(server.url, header=HEADER, secret=SECRET, timeout_s=0.4, sleep=pauses.append) as opened:
        yield opened


def valid(name: str, document: object) -> None:
    """Holds a document to a schema of the description."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": API["components"]}
    jsonschema.Draft202012Validator(schema).validate(document)


def test_a_message_is_posted_with_its_key_and_signed(office: HttpBackOffice, server: Office) -> None:
    """The key in a header of its own, the body's signature under the secret, the header that authenticates."""
    office.deliver(MESSAGE)
    ((method, path, headers, body),) = server.requests
    assert (method, path, json.loads(body)) == ("POST", "/orders", MESSAGE.to_json())
    assert headers["Idempotency-Key"] == MESSAGE.key
    assert headers["Authorization"] == HEADER[1]
    assert headers["Content-Type"] == "application/json"
    expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["Rakuten-Orders-Signature"] == f"sha256={expected}"


def test_without_header_and_secret_neither_is_sent(server: Office) -> None:
    """Nothing is made up."""
    with HttpBackOffice(server.url + "/") as office:
        office.deliver(MESSAGE)
    ((_, path, headers, _),) = server.requests
    assert path == "/orders"
    assert not {"Authorization", "Rakuten-Orders-Signature"} & headers.keys()


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299, 409])
def test_what_counts_as_taken(office: HttpBackOffice, server: Office, status: int) -> None:
    """Any 2xx, and 409 for what was taken before."""
    server.answers = [(status, b"")]
    office.deliver(MESSAGE)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 404, 410, 413, 422, 451])
def test_a_refusal_is_the_orders(office: HttpBackOffice, server: Office, status: int) -> None:
    """Asked once, with the sentence that the back office gives."""
    server.answers = [(status, b'{"message": "no such product"}')]
    with pytest.raises(BackOfficeError, match="refused the order: no such product") as caught:
        office.deliver(MESSAGE)
    assert (caught.value.reason, caught.value.of_connection) == ("backend_refused", False)
    assert len(server.requests) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"message": 3}', b"[" * 100_000])
def test_a_refusal_without_a_sentence_names_the_status(office: HttpBackOffice, server: Office, body: bytes) -> None:
    """Whatever the body is."""
    server.answers = [(422, body)]
    with pytest.raises(BackOfficeError, match="HTTP status 422"):
        office.deliver(MESSAGE)


@pytest.mark.parametrize("status", [401, 403])
def test_not_being_let_in_is_the_connections_error(office: HttpBackOffice, server: Office, status: int) -> None:
    """No order's, and not tried again."""
    server.answers = [(status, b"")]
    with pytest.raises(BackOfficeError, match=f"POST /orders: HTTP status {status}") as caught:
        office.deliver(MESSAGE)
    assert (caught.value.reason, caught.value.of_connection) == ("backend_refused", True)
    assert len(server.requests) == 1


def hang(handler: _Handler) -> None:
    time.sleep(0.6)
    handler.close_connection = True


def drip(handler: _Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "50")
    handler.end_headers()
    for _ in range(12):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def cut_off(handler: _Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "50")
    handler.end_headers()
    handler.wfile.write(b"half")
    handler.close_connection = True


def nonsense(handler: _Handler) -> None:
    handler.wfile.write(b"SMTP?\r\n\r\n")
    handler.close_connection = True


@pytest.mark.parametrize(
    "fault",
    [(408,), (429,), (500,), (502,), (503,), (302,), hang, drip, cut_off, nonsense],
    ids=lambda fault: fault.__name__ if callable(fault) else str(fault[0]),
)
def test_what_may_pass_is_tried_three_times(
    office: HttpBackOffice, server: Office, pauses: list[float], fault: Any
) -> None:
    """With pauses between, under the same key; once is enough where it works the second time."""
    server.answers = [fault, None]
    office.deliver(MESSAGE)
    assert len(pauses) == 1
    server.requests.clear()
    server.answers = [fault] * 3
    with pytest.raises(BackOfficeError) as caught:
        office.deliver(MESSAGE)
    assert (caught.value.reason, caught.value.of_connection) == ("backend_unreachable", False)
    assert server.url in caught.value.message
    assert {headers["Idempotency-Key"] for _, _, headers, _ in server.requests} == {MESSAGE.key}
    assert len(server.requests) == 3
    assert len(pauses) == 3


def test_nobody_there_is_unreachable(pauses: list[float]) -> None:
    """Which address, and nothing of the header."""
    with (
        HttpBackOffice("http://127.0.0.1:9", header=HEADER, sleep=pauses.append) as office,
        pytest.raises(BackOfficeError, match=re.escape("http://127.0.0.1:9")) as caught,
    ):
        office.shipments()
    assert caught.value.reason == "backend_unreachable"
    assert caught.value.__context__ is None


def test_a_redirect_is_not_followed(office: HttpBackOffice, server: Office) -> None:
    """The header and the order go where the configuration says, and nowhere else."""
    other = Office()
    try:
        server.answers = [lambda handler: handler.reply(307, Location=other.url + "/orders")] * 3
        with pytest.raises(BackOfficeError):
            office.deliver(MESSAGE)
        assert other.requests == []
    finally:
        other.stop()


def test_shipments_are_read_from_the_cursor(office: HttpBackOffice, server: Office) -> None:
    """Without one from the beginning; the answer says where to go on from."""
    server.shipments = [dict(SHIPMENT), {**SHIPMENT, "order_id": 430, "item_ids": ["1", "2"]}]
    batch = office.shipments(None)
    assert [one.shipment.order_id for one in batch.received] == ["429492423", "430"]
    assert batch.received[1].shipment.item_ids == ("1", "2")
    assert batch.cursor == "2"
    assert office.shipments("2").received == ()
    assert [path for _, path, _, _ in server.requests] == ["/shipments", "/shipments?after=2"]


@pytest.mark.parametrize(("status", "body"), [(204, b""), (200, b" "), (200, b'{"shipments": []}')])
def test_no_shipments_are_no_error(office: HttpBackOffice, server: Office, status: int, body: bytes) -> None:
    """However it is said."""
    server.answers = [(status, body)]
    assert office.shipments("7").received == ()


def test_entries_that_are_no_shipments_are_refused_one_by_one(office: HttpBackOffice, server: Office) -> None:
    """The others are taken."""
    entries = [3, {"transporter": "x"}, {**SHIPMENT, "tracking_number": ["1"]}, dict(SHIPMENT)]
    server.answers = [(200, json.dumps({"shipments": entries, "cursor": 4}).encode())]
    batch = office.shipments()
    assert len(batch.received) == 1
    assert [(one.place, one.message) for one in batch.refused] == [
        ("shipment 1", "it is no JSON object"),
        ("shipment 2", "order_id is missing"),
        ("shipment 3", "tracking_number must be text"),
    ]
    assert batch.cursor == "4"


def test_an_entry_with_a_known_key_by_another_name_is_refused(office: HttpBackOffice, server: Office) -> None:
    """Overlooked, the order would be confirmed without it; keys of the back office's own are left alone."""
    entries = [{"order_id": "429", "carrier": "UPS", "number": "1Z"}, {"order_id": "429", "id": 7}, {"order_id": "429"}]
    server.answers = [(200, json.dumps({"shipments": [*entries, {**SHIPMENT, "id": 7}], "cursor": 4}).encode())]
    batch = office.shipments()
    assert [one.place for one in batch.received] == ["shipment 3", "shipment 4"]
    carrier, number = '"carrier" is not known; did you mean transporter?', '"number" is not known; did you mean'
    assert batch.refused[0].message.startswith(f"{carrier} {number} tracking_number?")
    assert batch.refused[1].message.startswith('there is no transporter, no tracking_number and no cancel, and "id"')


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b'{"cursor": "1"}',
        b'{"shipments": {}}',
        b'{"shipments": [], "cursor": []}',
        b'{"shipments": [], "cursor": true}',
        b"[" * 200_000,
        b"\xff",
    ],
    ids=["html", "list", "no shipments", "object", "list cursor", "boolean cursor", "deep", "no text"],
)
def test_an_answer_that_is_none_is_unreachable(office: HttpBackOffice, server: Office, body: bytes) -> None:
    """Nothing is concluded from it."""
    server.answers = [(200, body)]
    with pytest.raises(BackOfficeError, match="cannot be read") as caught:
        office.shipments()
    assert caught.value.reason == "backend_unreachable"


def test_an_answer_is_read_up_to_a_bound(
    office: HttpBackOffice, server: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream without end fills no memory; a message whose thanks are too long is taken all the same."""
    monkeypatch.setattr("rakuten_orders.connection.back_offices.http.MAX_BYTES", 1000)
    server.answers = [(200, b" " * 2000)]
    with pytest.raises(BackOfficeError, match="larger than"):
        office.shipments()
    server.answers = [(200, b" " * 2000)]
    office.deliver(MESSAGE)


@pytest.mark.parametrize("status", [400, 404, 405, 409])
def test_an_address_that_knows_no_shipments_is_the_connections_error(
    office: HttpBackOffice, server: Office, status: int
) -> None:
    """Which question it does not know."""
    server.answers = [(status, b"")]
    with pytest.raises(BackOfficeError, match="GET /shipments") as caught:
        office.shipments()
    assert caught.value.of_connection


@pytest.mark.parametrize(
    ("url", "header"),
    [
        ("http://erp.example", None),
        ("ftp://127.0.0.1", None),
        ("https://user:pass@erp.example", None),
        ("http://127.0.0.1", ("X Y", "v")),
        ("http://127.0.0.1", ("X", "marked\nvalue")),
        ("http://127.0.0.1", ("X", "marked-é")),
        ("http://127.0.0.1", ("X", " marked")),
    ],
)
def test_what_cannot_be_sent_is_said_at_once(url: str, header: tuple[str, str] | None) -> None:
    """A configuration's mistake, told without the value."""
    with pytest.raises(ConfigError) as caught:
        HttpBackOffice(url, header=header)
    assert "marked" not in str(caught.value) + caught.value.hint


def test_secrets_are_in_no_log_and_no_error(
    office: HttpBackOffice, server: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """At any level, though the server repeats them in head and body."""
    caplog.set_level(logging.DEBUG)
    echo = f'{{"message": "who is {HEADER[1]}, {SECRET}?"}}'.encode()
    server.answers = [lambda handler: handler.reply(422, echo, **{"X-Echo": HEADER[1], "Server-Timing": SECRET})]
    with pytest.raises(BackOfficeError) as caught:
        office.deliver(MESSAGE)
    server.answers = [(200, echo)]
    with pytest.raises(BackOfficeError):
        office.shipments()
    told = caplog.text + str(caught.value) + repr(office) + repr(caught.value.__context__)
    assert "X-Echo" in caplog.text
    for secret in ("marked-token-4711", SECRET):
        assert secret not in told


def test_a_key_beyond_ascii_is_percent_encoded(office: HttpBackOffice, server: Office) -> None:
    """A header holds ASCII only; the body has the key as it is."""
    office.deliver(replace(MESSAGE, key="boutiqué fr:1"))
    assert server.requests[0][2]["Idempotency-Key"] == "boutiqu%C3%A9%20fr:1"


def test_a_pass_through_an_http_back_office_keeps_the_description(
    shop: Shop, office: HttpBackOffice, server: Office
) -> None:
    """Orders out, shipments in, batch by batch; everything on the wire is valid against the description."""
    server.page = 1
    shop.simulator.add(*(shop.sale(str(number)) for number in (429, 430, 431)))
    shop.sync(office=office)
    assert [message["key"] for message in server.messages()] == [f"boutiquefr:{n}" for n in (429, 430, 431)]
    server.shipments = [{**SHIPMENT, "order_id": str(number)} for number in (429, 430)]
    server.shipments.append({"order_id": "431", "cancel": True, "because": "broken"})
    shop.sync(office=office)
    assert [str(shop.status(str(n))) for n in (429, 430, 431)] == ["shipped", "shipped", "cancelled"]
    shop.sync(office=office)
    assert server.messages()[-1]["type"] == "order.cancelled"
    for message in server.messages():
        valid("Message", message)
    for shipment in server.shipments:
        valid("Shipment", shipment)
    described = API["paths"]["/orders"]["post"]["parameters"]
    for method, path, headers, _ in server.requests:
        assert method.lower() in API["paths"][urlsplit(path).path]
        for parameter in described if method == "POST" else ():
            jsonschema.validate(headers[parameter["name"]], parameter["schema"])
        assert set(parse_qs(urlsplit(path).query)) <= {"after"}


def test_the_description_is_whole() -> None:
    """Every reference leads somewhere, and every status that we tell apart is there."""
    references = re.findall(r"\$ref: '#/components/schemas/(\w+)'", DESCRIPTION.read_text(encoding="utf-8"))
    assert set(references) == set(API["components"]["schemas"])
    for schema in API["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    assert set(API["paths"]["/orders"]["post"]["responses"]) == {
        *("2XX", "409", "401", "403", "408", "429", "5XX", "4XX"),
    }


def test_the_cursor_moves_only_after_what_it_brought_is_stored(
    shop: Shop, office: HttpBackOffice, server: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that ends in between asks again from where it was."""
    shop.simulator.add(shop.sale())
    shop.sync(office=office)
    server.shipments = [{**SHIPMENT, "order_id": "429"}]

    def fails(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(shop.store.accounts), "set_cursor", fails)
        with pytest.raises(KeyboardInterrupt):
            shop.sync(office=office)
    account = shop.store.accounts.get("boutiquefr")
    assert account is not None
    assert account.cursor == "0"
    assert shop.store.shipments.of_order("boutiquefr", "429") == []
    shop.sync(office=office)
    assert shop.status() == "shipped"


def test_an_office_that_ignores_the_cursor_gives_nothing_twice(
    shop: Shop, office: HttpBackOffice, server: Office
) -> None:
    """A shipment is known by its content."""
    shop.simulator.add(shop.sale())
    shop.sync(office=office)
    answer = (200, json.dumps({"shipments": [{**SHIPMENT, "order_id": "429"}]}).encode())
    for _ in range(3):
        server.answers = [answer]
        shop.sync(office=office)
    assert len(shop.store.shipments.of_order("boutiquefr", "429")) == 1


def test_not_being_let_in_stops_the_connection_and_fails_no_order(
    shop: Shop, office: HttpBackOffice, server: Office
) -> None:
    """One question is enough; the orders wait, and go when the door is open."""
    shop.simulator.add(shop.sale("429"), shop.sale("430"))
    server.answers = [(401, b"")]
    result = shop.sync(office=office)
    assert (result.exit_code, dict(result.errors)) == (1, {})
    assert result.error is not None
    assert result.error.reason == "backend_refused"
    assert len(server.requests) == 1
    assert shop.sync(office=office).exit_code == 0
    assert len({message["key"] for message in server.messages()}) == 2


def test_an_order_that_is_refused_stops_none_of_the_others(shop: Shop, office: HttpBackOffice, server: Office) -> None:
    """It shows what the back office said."""
    shop.simulator.add(shop.sale("429"), shop.sale("430"))
    server.answers = [(422, b'{"message": "unknown product"}')]
    assert shop.sync(office=office).exit_code == 1
    assert shop.reason("429") == "backend_refused"
    assert "unknown product" in shop.order("429").error.message
    assert shop.reason("430") is None


def test_the_configuration_names_it(project: Project, server: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Header and secret come from where it says; check, sync and test-order all speak to it."""
    text = (project.folder / "rakuten-orders.yaml").read_text(encoding="utf-8")
    settings = f"{{url: '{server.url}', header: {{name: X-Key, value: {{env: ERP_KEY}}}}, secret: {{env: ERP_SECRET}}}}"
    changed = re.sub(r"back_office: .*", f"back_office: {settings}", text)
    (project.folder / "rakuten-orders.yaml").write_text(changed, encoding="utf-8")
    code, printed, _ = project.run("connection", "check")
    assert code == 1
    assert "ERP_KEY is not set" in printed
    assert project.run("sync")[0] == 2
    monkeypatch.setenv("ERP_KEY", HEADER[1])
    monkeypatch.setenv("ERP_SECRET", SECRET)
    server.shipments = []
    code, printed, _ = project.run("connection", "check")
    assert code == 0, printed
    assert server.messages() == []
    assert project.run("sync")[0] == 0
    assert len(server.messages()) == 5
    assert project.run("test-order", "main", "--to-back-office")[0] == 0
    assert server.messages()[-1]["order"]["is_test"] is True
    assert {headers["X-Key"] for _, _, headers, _ in server.requests} == {HEADER[1]}


def test_a_message_says_which_type_it_is() -> None:
    """The description has every type that there is."""
    from typing import get_args

    from rakuten_orders.connection.back_offices import MessageType

    assert API["components"]["schemas"]["Message"]["properties"]["type"]["enum"] == list(get_args(MessageType))
    assert isinstance(MESSAGE, Message)
