"""The client over real HTTP: against the simulator where all is well, against raw bytes where it is not."""

from __future__ import annotations

import datetime as dt
import gzip
import inspect
import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from rakuten_orders.connection import calls
from rakuten_orders.connection.client import DEFAULT_ENDPOINT, VERSIONS, Outcome, RakutenClient, ShippingStatusLine
from rakuten_orders.connection.faults import FAULTS, HTTPX_ERRORS, transport_error
from rakuten_orders.connection.simulator import Fault, Simulator, showcase
from rakuten_orders.errors import (
    ApiError,
    AuthenticationError,
    ConfigError,
    NotAllowedError,
    QuotaExceeded,
    RakutenError,
    TransportError,
)

TOKEN = "t0ken/S3CRET+x=1"
DAY = dt.date(2026, 11, 1)
ACCEPTED = b"<saleacceptanceresult><response><status>Accepted</status></response></saleacceptanceresult>"


class RawServer:
    """Listens on loopback and plays a script on each connection: bytes to send, or a function of the socket.

    The last entry of the script is repeated. ``requests`` has the head and body of each request.
    """

    def __init__(self, script: Sequence[bytes | Callable[[socket.socket, bytes], None]]) -> None:
        self.requests: list[bytes] = []
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._play, args=(connection,), daemon=True).start()

    def _play(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            request = read_request(connection)
            if not request:
                return
            entry = self._script[min(len(self.requests), len(self._script) - 1)]
            self.requests.append(request)
            if callable(entry):
                entry(connection, request)
            else:
                connection.sendall(entry)

    def query(self, number: int = 0) -> str:
        return self.requests[number].split(b" ", 2)[1].decode("ascii").partition("?")[2]


def read_request(connection: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        received = connection.recv(65536)
        if not received or received.startswith(b"\x16"):  # a TLS handshake
            return b""
        request += received
    head, _, body = request.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(*script: bytes | Callable[[socket.socket, bytes], None]) -> Iterator[RawServer]:
    server = RawServer(script)
    try:
        yield server
    finally:
        server.close()


def reply(body: bytes = b"", status: str = "200 OK", *headers: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers])
    return head.encode() + b"\r\n\r\n" + body


def page(echo: str, token: str = "", *purchases: str) -> bytes:
    sales = "".join(
        f"<sale><purchaseid>{number}</purchaseid><items><item><itemid>{number}{token}</itemid></item></items></sale>"
        for number in purchases
    )
    return reply(
        f"<getcurrentsalesresult><request><purchasedate>{echo}</purchasedate></request>"
        f"<response><lastversion>2021-10-29</lastversion><nexttoken>{token}</nexttoken><sales>{sales}</sales></response>"
        "</getcurrentsalesresult>".encode()
    )


def client_of(url: str, **settings: Any) -> RakutenClient:
    settings.setdefault("sleep", lambda _seconds: None)
    return RakutenClient("boutiquefr", TOKEN, endpoint=url, **settings)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(token=TOKEN, page_size=2) as simulator:
        simulator.add(*showcase())
        yield simulator


@pytest.fixture
def client(simulator: Simulator) -> Iterator[RakutenClient]:
    with client_of(simulator.url) as client:
        yield client


# All is well ----------------------------------------------------------------------------------------------------------


def test_the_whole_life_of_an_item(simulator: Simulator, client: RakutenClient) -> None:
    """New, accepted, listed, billed, shipped: every action has its effect at the marketplace, once."""
    sale = client.new_sales()[0]
    item = sale.items[0].item_id
    assert client.accept(item, ships_from=249, import_country=56) is Outcome.DONE
    assert client.accept(item, ships_from=249) is Outcome.ALREADY_DONE
    (accepted,) = client.current_sales(dt.datetime.now(dt.UTC).date() - dt.timedelta(days=30))
    assert accepted.purchase_id == sale.purchase_id
    assert client.shipping_information(sale.purchase_id)["shippingtype"] == "Suivi"
    assert client.billing_information(sale.purchase_id)[item]["itemstatus"] == "COMMITTED"
    sent = client.send_tracking(
        item, transporter_name="Autre", tracking_number="AB1", tracking_url="https://suivi.example/?n=AB1&q=é"
    )
    assert sent is Outcome.DONE
    assert (
        client.send_tracking(item, transporter_name="Colissimo", tracking_number="AB2", tracking_url=None)
        is Outcome.ALREADY_DONE
    )
    state = simulator.item(item)
    assert (state.ships_from, state.import_country) == (249, 56)
    assert (state.transporter_name, state.tracking_number, state.tracking_url) == (
        "Autre",
        "AB1",
        "https://suivi.example/?n=AB1&q=é",
    )
    infos = client.item_infos(item)
    assert (infos.item_id, infos.purchase_id, infos.shipped) == (item, sale.purchase_id, True)
    assert simulator.done("acceptsale", item) == simulator.done("settrackingpackageinfos", item) == 1


def test_refused_cancelled_and_claimed_items(simulator: Simulator, client: RakutenClient) -> None:
    """Refusing, cancelling with a comment in French, a claim in the list of things to do."""
    first, second, third = (sale.items[0].item_id for sale in client.new_sales()[:3])
    assert client.refuse(first) is Outcome.DONE
    assert client.refuse(first) is Outcome.ALREADY_CANCELLED
    assert client.accept(first, ships_from=249) is Outcome.ALREADY_CANCELLED
    client.accept(second, ships_from=249)
    assert client.cancel(second, "Désolé, l’article est abîmé…") is Outcome.DONE
    assert simulator.item(second).cancel_comment == "Désolé, l'article est abîmé..."
    client.accept(third, ships_from=249)
    simulator.claim(third)
    assert [(todo.item_id, todo.causes) for todo in client.todo_list()] == [(third, ("CLAIM",))]
    assert client.item_infos(third).claim is not None


def test_items_without_a_number_go_by_file(simulator: Simulator, client: RakutenClient) -> None:
    """importitemshippingstatus sends a multipart file; a refusal has a detail for each item at fault."""
    shipping_type = "deliveryinformation.shippingtype"
    sale = next(sale for sale in client.new_sales() if sale.fields[shipping_type] == "Normal")
    lines = [ShippingStatusLine(sale.purchase_id, item.item_id, tracking_number="Oui") for item in sale.items]
    with pytest.raises(ApiError) as caught:
        client.import_shipping_status(lines)
    assert len(caught.value.details) == len(lines)
    for item in sale.items:
        client.accept(item.item_id, ships_from=249)
    assert client.import_shipping_status(lines) is Outcome.DONE
    assert all(simulator.item(item.item_id).shipped for item in sale.items)
    assert client.import_shipping_status(lines) is Outcome.ALREADY_DONE


def test_newer_versions_are_noted(client: RakutenClient) -> None:
    """A version newer than the one asked for is noted; asking for it ends the note."""
    list(client.current_sales(DAY))
    client.todo_list()
    assert client.newer_versions == {"getcurrentsales": "2021-10-29"}
    with (
        serving(page("01/11/2026")) as server,
        client_of(server.url, versions={"getcurrentsales": "2021-10-29"}) as new,
    ):
        list(new.current_sales(DAY))
        assert "version=2021-10-29" in server.query()
        assert new.newer_versions == {}


def test_a_client_serves_several_threads(simulator: Simulator, client: RakutenClient) -> None:
    """Calls from several threads at once all succeed."""
    results: list[int] = []
    threads = [threading.Thread(target=lambda: results.append(len(client.new_sales()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [len(showcase())] * 8


# What is sent ---------------------------------------------------------------------------------------------------------


def test_parameters_are_sent_in_latin1_and_the_file_as_a_part() -> None:
    """The query is ISO-8859-1, login and token are its end; the file is a part of its own, in UTF-8."""
    with serving(reply(ACCEPTED)) as server, client_of(server.url) as client:
        with pytest.raises(TransportError):
            client.cancel("11", "abîmé & cassé")
        with pytest.raises(TransportError):
            client.import_shipping_status([ShippingStatusLine("1", "11", "Mondial Relay prépayé", "a<b")])
    assert server.query() == (
        "action=cancelitem&itemid=11&comment=ab%EEm%E9+%26+cass%E9&version=2011-02-02"
        f"&login=boutiquefr&pwd={quote(TOKEN, safe='')}"
    )
    assert server.requests[0].startswith(b"GET /sales_ws?")
    upload = server.requests[1]
    assert upload.startswith(b"POST /sales_ws?action=importitemshippingstatus&version=2016-05-09&")
    assert b'Content-Disposition: form-data; name="file"; filename="shipping.xml"' in upload
    assert "<transporter>Mondial Relay prépayé</transporter><trackingnumber>a&lt;b</trackingnumber>".encode() in upload


def test_current_sales_are_asked_page_by_page_and_merged() -> None:
    """The day and the token are in every request; a purchase on two pages is one sale."""
    pages = [page("01/11/2026", "t1=", "1", "2"), page("01/11/2026", "t2", "2", "3"), page("", "", "4")]
    with serving(*pages) as server, client_of(server.url) as client:
        sales = list(client.current_sales(DAY, pending_preorders=True))
    assert [(sale.purchase_id, len(sale.items)) for sale in sales] == [("1", 1), ("2", 2), ("3", 1), ("4", 1)]
    asked = "action=getcurrentsales&purchasedate=2026-11-01&ispendingpreorder=y"
    assert [server.query(number).partition("&version=")[0] for number in range(3)] == [
        asked,
        f"{asked}&nexttoken=t1%3D",
        f"{asked}&nexttoken=t2",
    ]


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        ([page("", "", "1")], "01/11/2026 expected, none echoed"),
        ([page("11/01/2026", "", "1")], "01/11/2026 expected, 11/01/2026 echoed"),
        ([page("01/11/2026", "t", "1"), page("02/11/2026", "", "2")], "01/11/2026 expected, 02/11/2026 echoed"),
        ([page("01/11/2026", "t", "1")], "do not end: stopped after 2"),
    ],
)
def test_a_list_that_is_not_what_was_asked_for_is_an_error(pages: list[bytes], message: str) -> None:
    """A day that was ignored and a token that repeats end with an error before any sale is given."""
    with serving(*pages) as server, client_of(server.url) as client, pytest.raises(ApiError, match=message):
        client.current_sales(DAY)


# Settings that cannot work --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"login": "moi@exemple.invalid"}, "the account's name"),
        ({"login": " "}, "the login is empty"),
        ({"token": "\n"}, "the token is empty"),
        ({"endpoint": "http://ws.example"}, "https://"),
        ({"endpoint": "ws.example"}, "complete address"),
        ({"endpoint": "https://user:pass@ws.example"}, "must not hold a password"),
        ({"endpoint": "https://ws.example/?a=b"}, "must not hold a ?"),
        ({"versions": {"getsales": "2017-08-07"}}, "no action getsales"),
        ({"versions": {"getnewsales": "latest"}}, "the version of getnewsales is no date"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(settings: dict[str, Any], message: str) -> None:
    """A client that could not work is not made."""
    with pytest.raises(ConfigError) as caught:
        RakutenClient(**{"login": "boutiquefr", "token": TOKEN, **settings})
    assert message in f"{caught.value} {caught.value.hint}"
    assert TOKEN not in f"{caught.value} {caught.value.hint}"


def test_the_defaults_are_rakutens() -> None:
    """Without settings the client speaks to Rakuten, in versions whose answers are known."""
    with RakutenClient(" boutiquefr ", f"{TOKEN}\n") as client:
        assert (client.login, client.endpoint) == ("boutiquefr", DEFAULT_ENDPOINT)
    assert (VERSIONS["getcurrentsales"], VERSIONS["refusesale"]) == ("2017-08-07", "2010-09-20")


# What Rakuten refuses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "kind", "words"),
    [
        ({"token": "another"}, AuthenticationError, "Mes informations développeur"),
        ({"professional": False}, NotAllowedError, "Professional account"),
        ({"quota_per_hour": 0}, QuotaExceeded, "next hour"),
    ],
)
def test_login_rights_and_quota_have_their_errors(settings: dict[str, Any], kind: type[Exception], words: str) -> None:
    """What stops a whole account is told by class, with what to do; it is not tried again."""
    with Simulator(**{"token": TOKEN, **settings}) as simulator, client_of(simulator.url) as client:
        with pytest.raises(RakutenError) as caught:
            client.new_sales()
        assert type(caught.value) is kind
        assert words in f"{caught.value.message} {caught.value.hint}"
        assert simulator.count("getnewsales") == 1


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "403 Forbidden", "500 Internal Server Error"])
def test_an_error_document_counts_whatever_the_status(status: str) -> None:
    """The document says what is wrong, the HTTP status does not."""
    document = b"<errorresponse><error><code>InvalidUserConnection</code></error></errorresponse>"
    with (
        serving(reply(document, status)) as server,
        client_of(server.url) as client,
        pytest.raises(AuthenticationError),
    ):
        client.new_sales()


# What goes wrong on the way -------------------------------------------------------------------------------------------


def test_a_read_is_tried_again_and_a_write_is_not(simulator: Simulator, client: RakutenClient) -> None:
    """Two lost answers do not lose a read, three do; a write is sent once and its outcome is unknown."""
    simulator.fail_next("getnewsales", Fault.http_500(), times=2)
    sale = client.new_sales()[0]
    simulator.fail_next("getnewsales", Fault.html(), times=3)
    with pytest.raises(TransportError):
        client.new_sales()
    assert simulator.count("getnewsales") == 6
    item = sale.items[0].item_id
    simulator.fail_next("acceptsale", Fault.reset_after())
    with pytest.raises(TransportError) as caught:
        client.accept(item, ships_from=249)
    assert caught.value.sent
    assert simulator.count("acceptsale", item) == simulator.done("acceptsale", item) == 1


def test_the_pauses_between_reads_grow() -> None:
    """The pauses are random, within bounds that grow."""
    pauses: list[float] = []
    with (
        serving(reply(status="500 x")) as server,
        client_of(server.url, sleep=pauses.append) as client,
        pytest.raises(TransportError),
    ):
        client.new_sales()
    assert len(pauses) == len(server.requests) - 1 == 2
    assert all(0 <= pause <= 2 for pause in pauses)


def reset(connection: socket.socket, _request: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def echo_of(request: bytes) -> bytes:
    return request.split(b" ", 2)[1]


def endless(connection: socket.socket, _request: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<saleacceptanceresult>")
    while True:
        connection.sendall(b" " * 2**20)


def flood(connection: socket.socket, _request: bytes) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def drip(beginning: bytes, piece: bytes) -> Callable[[socket.socket, bytes], None]:
    def play(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(beginning)
        while True:
            time.sleep(0.05)
            connection.sendall(piece)

    return play


def silent(connection: socket.socket, _request: bytes) -> None:
    connection.settimeout(5)
    connection.recv(1)


ERROR = "<errorresponse><error><code>ParameterError</code><message>{0}</message></error></errorresponse>"
SCRIPTS: dict[str, tuple[bytes | Callable[[socket.socket, bytes], None], str]] = {
    "reset": (reset, "broke before acceptsale was answered"),
    "closed": (b"", "broke before acceptsale was answered"),
    "cut_off_head": (b"HTTP/1.1 200 OK\r\nContent-", "broke before acceptsale was answered"),
    "cut_off_body": (b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n<a>", "broke before acceptsale was answered"),
    "no_http": (lambda c, r: c.sendall(echo_of(r) + b"\r\n\r\n"), "broke before acceptsale was answered"),
    "bad_location": (
        lambda c, _: c.sendall(reply(b"", "302 Found", "Location: http://:" + TOKEN)),
        "redirects acceptsale to http://:•••, which",
    ),
    "silent": (silent, "gave no whole answer to acceptsale in time"),
    "slow_head": (drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"), "gave no whole answer to acceptsale in time"),
    "slow_body": (
        drip(reply(ACCEPTED)[:-1].replace(b"th: ", b"th: 9"), b" "),
        "gave no whole answer to acceptsale in time",
    ),
    "continues": (drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "gave no whole answer to acceptsale in time"),
    "flood": (flood, "gave no whole answer to acceptsale in time"),
    "endless": (endless, "more than 64 MiB"),
    "html": (reply(b"<!DOCTYPE html><p>"), "with HTTP status 200: an HTML page came instead of XML"),
    "empty": (reply(b"", "503 Unavailable"), "with HTTP status 503: nothing came"),
    "cut_off_xml": (reply(ACCEPTED[:-5]), "the document is cut off at line 1"),
    "another_answer": (page("01/11/2026"), "the answer to getcurrentsales came; expected the answer to acceptsale"),
    "other_status": (reply(ACCEPTED.replace(b"Accepted", b"Pending")), "came without the status Accepted"),
    "good_under_500": (
        reply(ACCEPTED, "500 Internal Server Error"),
        "an answer came under a status that says otherwise",
    ),
    "compressed": (reply(gzip.compress(ACCEPTED), "200 OK", "Content-Encoding: gzip"), "text that is not XML came"),
    "server_error": (
        reply(b"<errorresponse><error><type>ServerError</type><code>ServerError</code></error></errorresponse>"),
        "failed in acceptsale: ServerError",
    ),
    "redirect": (
        lambda c, r: c.sendall(
            reply(b"", f"302 {echo_of(r).decode()}", f"Location: https://elsewhere.example{echo_of(r).decode()}")
        ),
        "redirects acceptsale to https://elsewhere.example/sales_ws, which is not followed",
    ),
    "echo_in_header": (lambda c, _: c.sendall(reply(b"", "500 x", f"X-Echo: {TOKEN}")), "HTTP status 500: nothing"),
    "echo_in_html": (lambda c, r: c.sendall(reply(b"<html>" + echo_of(r))), "an HTML page came"),
    "echo_in_error": (
        lambda c, _: c.sendall(reply(ERROR.format(TOKEN + " " + quote(TOKEN, safe="")).encode())),
        "Rakuten refused: ••• •••",
    ),
}


@contextmanager
def all_logs() -> Iterator[list[str]]:
    """Every log line of every logger, at every level."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{self.format(record)} {record!r} {record.__dict__}")

    handler, root = Keep(level=1), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(1)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def everything_about(error: BaseException) -> str:
    """All that a report could show of an exception: text, attributes, chain, traceback with local variables."""
    parts = []
    chain: list[BaseException | None] = [error]
    for link in chain:
        if link is None:
            continue
        trace = traceback.TracebackException.from_exception(link, capture_locals=True)
        parts += [repr(link), str(link), repr(vars(link)), "".join(trace.format())]
        chain += [link.__cause__, link.__context__]
    return "\n".join(parts)


def assert_no_token(text: str) -> None:
    for secret in (TOKEN, quote(TOKEN, safe=""), quote(TOKEN)):
        assert secret not in text


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_fault_has_its_sentence_and_no_place_for_the_token(name: str) -> None:
    """Whatever goes wrong after sending: one exception in time, and the token is nowhere in it or in any log."""
    script, message = SCRIPTS[name]
    started = time.monotonic()
    with all_logs() as lines, serving(script) as server, client_of(server.url, timeout_s=0.6) as client:
        client_repr = f"{client!r} {vars(client)!r} {vars(client._caller)!r}"
        with pytest.raises(RakutenError) as caught:
            client.accept("11", ships_from=249)
    assert time.monotonic() - started < 3
    assert message in caught.value.message
    if isinstance(caught.value, TransportError):
        assert caught.value.sent
    assert TOKEN in server.requests[0].decode("latin-1").replace("%2F", "/").replace("%2B", "+").replace("%3D", "=")
    assert lines
    assert_no_token(everything_about(caught.value) + "\n".join(lines) + client_repr)


def test_a_late_silence_does_not_prolong_a_call() -> None:
    """A server that says something shortly before the deadline gets no second time span."""

    def play(connection: socket.socket, request: bytes) -> None:
        time.sleep(1.0)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        silent(connection, request)

    with serving(play) as server, client_of(server.url, timeout_s=1.2) as client:
        started = time.monotonic()
        with pytest.raises(TransportError, match="in time"):
            client.accept("11", ships_from=249)
    assert 1.1 < time.monotonic() - started < 2.0


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_unreachable_marketplace_is_certain_not_to_have_acted(scheme: str) -> None:
    """Nothing listens: the address is named, nothing was sent, and the token is nowhere."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
    with all_logs() as lines, client_of(endpoint) as client, pytest.raises(TransportError) as caught:
        client.new_sales()
    assert not caught.value.sent
    assert endpoint in caught.value.message
    assert_no_token(everything_about(caught.value) + "\n".join(lines))


def test_a_failed_handshake_sent_nothing() -> None:
    """A server that does not speak TLS never sees the request."""
    with (
        serving(b"") as server,
        client_of(server.url.replace("http:", "https:")) as client,
        pytest.raises(TransportError) as caught,
    ):
        client.accept("11", ships_from=249)
    assert server.requests == []
    assert not caught.value.sent


def test_nothing_of_a_good_call_is_logged_but_action_and_ids() -> None:
    """Neither the token nor what only the query holds, such as a tracking URL, is in a log line at any level."""
    confirmed = (
        b"<setshippingpackageinfosresult><response><status>OK</status></response></setshippingpackageinfosresult>"
    )
    with all_logs() as lines, serving(reply(confirmed)) as server, client_of(server.url) as client:
        client.send_tracking(
            "11", transporter_name="Autre", tracking_number="N1", tracking_url="https://s.example/?cp=75011"
        )
    text = "\n".join(lines)
    assert_no_token(text)
    assert "75011" not in text
    assert "settrackingpackageinfos 11: 200" in text


def test_other_clients_log_as_before() -> None:
    """The redaction leaves others' lines alone, and goes when the client is closed."""
    filters = {name: list(logging.getLogger(name).filters) for name in ("httpx", "httpcore.http11")}
    with serving(reply(b"ok")) as server, client_of(server.url), all_logs() as lines, httpx.Client() as other:
        other.get(f"{server.url}/?pwd=mine")
    assert "pwd=mine" in "\n".join(lines)
    assert {name: list(logging.getLogger(name).filters) for name in filters} == filters


# httpx's exceptions ---------------------------------------------------------------------------------------------------

HTTPX_EXCEPTIONS = [
    value for name in httpx.__all__ if inspect.isclass(value := getattr(httpx, name)) and issubclass(value, Exception)
]


def test_every_exception_of_httpx_is_in_the_table() -> None:
    """A new exception of httpx's has to be given its place, by certainty of not having been sent."""
    leaves = [
        kind
        for kind in HTTPX_EXCEPTIONS
        if not any(other is not kind and issubclass(other, kind) for other in HTTPX_EXCEPTIONS)
    ]
    assert len(leaves) >= 20
    assert set(leaves) == set(FAULTS)
    assert all(issubclass(kind, HTTPX_ERRORS) for kind in leaves)


def test_an_exception_that_is_not_in_the_table_leaves_all_open() -> None:
    """An exception between the entries, or unknown, is one after which nothing is known."""
    for fault in (httpx.NetworkError("x"), httpx.TimeoutException("x"), httpx.RequestError("x")):
        assert transport_error(fault, "acceptsale", "https://ws.example").sent
    assert not transport_error(httpx.ConnectTimeout("x"), "acceptsale", "https://ws.example").sent


def test_a_full_pool_sent_nothing() -> None:
    """MockTransport: no real fault makes a pool time out at will."""

    def full(_request: httpx.Request) -> httpx.Response:
        raise httpx.PoolTimeout("full")

    with client_of("https://ws.example") as client:
        client._caller._transport = httpx.MockTransport(full)
        with pytest.raises(TransportError) as caught:
            client.accept("11", ships_from=249)
    assert not caught.value.sent
    assert caught.value.__context__ is None


def test_the_bound_on_an_answer_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer of exactly the bound is read, one byte more is not."""
    monkeypatch.setattr(calls, "MAX_ANSWER", len(ACCEPTED))
    with serving(reply(ACCEPTED), reply(ACCEPTED + b" ")) as server, client_of(server.url) as client:
        assert client.accept("11", ships_from=249) is Outcome.DONE
        with pytest.raises(TransportError, match="64 MiB"):
            client.accept("11", ships_from=249)
