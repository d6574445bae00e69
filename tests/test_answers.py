"""Answers and error documents of the marketplace, as values; and what is sent, as text."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders.connection import answers
from rakuten_orders.connection.answers import LogEntry, TodoItem
from rakuten_orders.connection.queries import ShippingStatusLine, latin1, query, shipping_status_file
from rakuten_orders.connection.verdicts import Outcome, item_refusals, outcome, refusal
from rakuten_orders.errors import (
    ApiError,
    AuthenticationError,
    NotAllowedError,
    PayloadError,
    QuotaExceeded,
    TransportError,
)
from rakuten_orders.payload import ErrorDocument

ISO = '<?xml version="1.0" encoding="ISO-8859-1"?>\n\n\n'
ADDRESS = "https://ws.example"


def encoded(text: str) -> bytes:
    return (ISO + text).encode("cp1252")


def test_a_page_of_current_sales_has_its_token_and_the_echo() -> None:
    """Sales, next token, echo of the day and newest version are read from one page."""
    answer = answers.current_sales(
        encoded(
            "<getcurrentsalesresult><request><purchasedate>01/11/2026</purchasedate><nexttoken>a</nexttoken></request>"
            "<response><lastversion>2021-10-29</lastversion><nexttoken> b= </nexttoken><sales><sale>"
            "<purchaseid>1</purchaseid></sale></sales></response></getcurrentsalesresult>"
        )
    )
    assert (answer.value.next_token, answer.value.purchase_date) == ("b=", "01/11/2026")
    assert [sale.purchase_id for sale in answer.value.sales] == ["1"]
    assert answer.last_version == "2021-10-29"


def test_an_empty_page_has_no_token_and_no_echo() -> None:
    """What an answer leaves out is empty."""
    page = answers.current_sales(b"<getcurrentsalesresult><response><nexttoken/></response></getcurrentsalesresult>")
    assert page == answers.Answer(answers.SalesPage((), "", ""), "")


def test_shipping_information_is_flat_and_knows_france() -> None:
    """The paths begin below shippinginformation; FX is FR here too."""
    answer = answers.shipping_information(
        encoded(
            "<getshippinginformationresult><response><lastversion>2017-09-12</lastversion><shippinginformation>"
            "<shippingtype>So Colissimo</shippingtype><prepaidlabel><available>Y</available><trackinginformation>"
            "<trackingnumber>6C12345678902</trackingnumber></trackinginformation></prepaidlabel><billingaddress>"
            "<countryalpha2>FX</countryalpha2></billingaddress></shippinginformation></response>"
            "</getshippinginformationresult>"
        )
    )
    assert answer.value == {
        "shippingtype": "So Colissimo",
        "prepaidlabel.available": "Y",
        "prepaidlabel.trackinginformation.trackingnumber": "6C12345678902",
        "billingaddress.countryalpha2": "FR",
    }
    assert answers.shipping_information(b"<getshippinginformationresult/>").value == {}


def test_billing_information_is_by_item() -> None:
    """Each item of the billing information stands under its id."""
    answer = answers.billing_information(
        encoded(
            "<getbillinginformationresult><response><billinginformation><items>"
            "<item><itemid>11</itemid><shippingsaleprice><amount>2.9</amount></shippingsaleprice></item>"
            "<item><itemid>12</itemid><itemstatus>ACCEPTED</itemstatus></item>"
            "</items></billinginformation></response></getbillinginformationresult>"
        )
    )
    assert answer.value == {
        "11": {"itemid": "11", "shippingsaleprice.amount": "2.9"},
        "12": {"itemid": "12", "itemstatus": "ACCEPTED"},
    }


ITEM_INFOS = """<getiteminfosresult><response><lastversion>2017-08-07</lastversion><purchaseid>7</purchaseid><item>
<itemid>11</itemid><itemstatus>ON_HOLD</itemstatus>{shipped}<itemstate>CLAIMED_AMICABLE</itemstate>
{claim}<availableactions><action><actioncode>contactuseraboutitem</actioncode></action>
<action><actioncode>cancelitem</actioncode></action></availableactions>
<mail><object>Un mail</object><status>SENT</status></mail><message><content>Un message</content></message>
<mail><object>Un autre</object></mail>
<itemlog><creationdate>15/11/2026-11:46</creationdate><itemlogcode>{code}</itemlogcode>
<description><![CDATA[Fait.]]></description></itemlog></item></response></getiteminfosresult>"""
CLAIM = "<claim><type>DAMAGED</type><state>NEW</state><amicable>Y</amicable></claim>"


def test_item_infos_tell_claim_actions_and_log() -> None:
    """Mails and messages that stand between do not disturb what is read of an item."""
    infos = answers.item_infos(encoded(ITEM_INFOS.format(shipped="", claim=CLAIM, code="ITEM_COMMITTED"))).value
    assert (infos.item_id, infos.purchase_id, infos.status) == ("11", "7", "ON_HOLD")
    assert infos.claim == {"type": "DAMAGED", "state": "NEW", "amicable": "Y"}
    assert infos.actions == ("contactuseraboutitem", "cancelitem")
    assert infos.log == (LogEntry("15/11/2026-11:46", "ITEM_COMMITTED", "Fait."),)
    assert infos.fields["itemstate"] == "CLAIMED_AMICABLE"


@pytest.mark.parametrize(
    ("shipped", "code", "expected"),
    [
        ("<shipped>1</shipped>", "ITEM_COMMITTED", True),
        ("<shipped>0</shipped>", "ITEM_COMMITTED", False),
        ("", "TRACKING", True),
        ("", "ITEM_COMMITTED", None),
    ],
)
def test_an_item_is_shipped_by_flag_or_log(shipped: str, code: str, *, expected: bool | None) -> None:
    """The flag decides, else an entry TRACKING in the log; without either it is not known."""
    infos = answers.item_infos(encoded(ITEM_INFOS.format(shipped=shipped, claim="", code=code))).value
    assert infos.shipped is expected
    assert infos.claim is None


def test_item_infos_without_an_item_are_no_answer() -> None:
    """An answer about no item is refused instead of telling of an empty one."""
    with pytest.raises(PayloadError, match="without an item"):
        answers.item_infos(b"<getiteminfosresult><response/></getiteminfosresult>")


def test_the_todo_list_has_the_causes() -> None:
    """Each item comes with all its causes; an empty list is none."""
    answer = answers.todo_list(
        b"<getitemtodolistresult><response><items><item><itemid>1</itemid><causes><cause>CLAIM</cause>"
        b"<cause>UNREAD_MESSAGE_FROM_BUYER</cause></causes></item><item><itemid>2</itemid></item></items></response>"
        b"</getitemtodolistresult>"
    )
    assert answer.value == (TodoItem("1", ("CLAIM", "UNREAD_MESSAGE_FROM_BUYER")), TodoItem("2", ()))
    assert answers.todo_list(b"<getitemtodolistresult/>").value == ()


@pytest.mark.parametrize(
    ("action", "root", "status"),
    [
        ("acceptsale", "saleacceptanceresult", "Accepted"),
        ("refusesale", "saleacceptanceresult", "Refused"),
        ("cancelitem", "cancelitemresult", "CANCELLED"),
        ("settrackingpackageinfos", "setshippingpackageinfosresult", "OK"),
        ("importitemshippingstatus", "importresult", "OK"),
    ],
)
def test_a_write_is_confirmed_by_its_status(action: str, root: str, status: str) -> None:
    """Only the action's own root and status word say that it was done."""
    read = answers.confirmation(action)
    document = "<{root}><response><lastversion>v</lastversion><status>{status}</status></response></{root}>"
    assert read(encoded(document.format(root=root, status=status))) == answers.Answer(status, "v")
    for other_root, other_status in [(root, ""), (root, "Maybe"), ("getnewsalesresult", status)]:
        with pytest.raises(PayloadError):
            read(encoded(document.format(root=other_root, status=other_status)))


def test_accepted_and_refused_are_not_mixed_up() -> None:
    """acceptsale and refusesale share a root: the other's status word confirms nothing."""
    refused = b"<saleacceptanceresult><response><status>Refused</status></response></saleacceptanceresult>"
    with pytest.raises(PayloadError, match="without the status Accepted"):
        answers.confirmation("acceptsale")(refused)


@pytest.mark.parametrize(
    "read",
    [
        answers.new_sales,
        answers.current_sales,
        answers.shipping_information,
        answers.billing_information,
        answers.item_infos,
        answers.todo_list,
        answers.confirmation("acceptsale"),
    ],
)
def test_every_reader_knows_an_error_document(read: object) -> None:
    """An error document is one to every reader, and HTML a PayloadError."""
    assert callable(read)
    with pytest.raises(ErrorDocument):
        read(b"<errorresponse><error><code>X</code></error></errorresponse>")
    with pytest.raises(PayloadError, match="HTML"):
        read(b"<html></html>")


CAPTURED = "Current status : CAPTURED - Required status : REQUESTED"


@pytest.mark.parametrize(
    ("action", "sentence", "expected"),
    [
        ("acceptsale", CAPTURED, Outcome.ALREADY_DONE),
        ("acceptsale", "Current status : EMPTIED – Required status : REQUESTED", Outcome.ALREADY_CANCELLED),
        ("acceptsale", "Current status : EMPTIED - Required status : REQUESTED", Outcome.ALREADY_CANCELLED),
        ("acceptsale", "current status:CAPTURED—required status:REQUESTED.", Outcome.ALREADY_DONE),
        ("acceptsale", "Current status : CLOSED - Required status : REQUESTED", None),
        ("refusesale", "Current status : EMPTIED – Required status : REQUESTED", Outcome.ALREADY_CANCELLED),
        ("refusesale", CAPTURED, None),
        ("cancelitem", CAPTURED, None),
        ("settrackingpackageinfos", "Article 11 : a déjà été expédié", Outcome.ALREADY_DONE),
        (
            "settrackingpackageinfos",
            "Article 11 : A DE\u0301JA\u0300 E\u0301TE\u0301 EXPE\u0301DIE\u0301.",
            Outcome.ALREADY_DONE,
        ),
        ("settrackingpackageinfos", "Article 11 : numéro incorrect", None),
        ("settrackingpackageinfos", CAPTURED, None),
        ("importitemshippingstatus", "Article 11 : a déjà été expédié", Outcome.ALREADY_DONE),
        ("acceptsale", "Article 11 : a déjà été expédié", None),
    ],
)
def test_done_before_is_told_apart_from_refused(action: str, sentence: str, expected: Outcome | None) -> None:
    """Rakuten's sentences for "already done", in message or detail, with any dash, count only for their action."""
    assert outcome(action, ErrorDocument("ParameterError", "Problem with parameters.", (sentence,))) is expected
    assert outcome(action, ErrorDocument("ParameterError", sentence)) is expected


def test_a_file_is_done_before_only_if_every_item_was() -> None:
    """One shipped item of two does not make the file a done one; its details are told by item."""
    details = ("Article 11 : a déjà été expédié", "Article 12 : numéro incorrect")
    document = ErrorDocument("ParameterError", "Problem with parameters.", details)
    assert outcome("importitemshippingstatus", document, items=2) is None
    assert item_refusals((*details, "autre chose")) == {"11": "a déjà été expédié", "12": "numéro incorrect"}


@pytest.mark.parametrize(
    ("document", "kind", "words"),
    [
        (ErrorDocument("InvalidUserConnection", "Unknown user or password."), AuthenticationError, "Mon compte"),
        (
            ErrorDocument("", "Unknown user or password.Incorrect login or password"),
            AuthenticationError,
            "account's name",
        ),
        (ErrorDocument("InvalidUserRights", "Quota exceeded.", ("Too many.",)), QuotaExceeded, "next hour"),
        (ErrorDocument("InvalidUserRights", "", ("Quota exceeded.",)), QuotaExceeded, "next hour"),
        (ErrorDocument("InvalidUserRights", "Not allowed."), NotAllowedError, "Professional account"),
        (ErrorDocument("InvalidUserRights", ""), NotAllowedError, "Professional account"),
        (
            ErrorDocument("ParameterError", "Problem", ("The parameter 'itemid' is invalid.",)),
            ApiError,
            "'itemid' is invalid",
        ),
        (ErrorDocument("Unknown error", ""), ApiError, "Unknown error"),
        (ErrorDocument("", ""), ApiError, "no reason given"),
        (
            ErrorDocument("ServerError", "Server not able to fullfill request.", type="ServerError"),
            TransportError,
            ADDRESS,
        ),
        (ErrorDocument("", "Oops", type="ServerError"), TransportError, ADDRESS),
    ],
)
def test_an_error_document_becomes_the_exception_that_a_caller_acts_on(
    document: ErrorDocument, kind: type[Exception], words: str
) -> None:
    """Login, rights, quota and the server's own failure have their classes and sentences; the rest is refused."""
    error = refusal("acceptsale", document, ADDRESS)
    assert type(error) is kind
    assert words in f"{error.message} {error.hint}"
    assert error.action == "acceptsale"
    if isinstance(error, ApiError):
        assert (error.code, error.text, error.details) == (document.code, document.text, document.details)
    else:
        assert error.sent


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Déjà vu à 50 °C", "Déjà vu à 50 °C"),
        ("l’œuf – “dur” … 3 €", 'l\'oeuf - "dur" ... 3 EUR'),
        ("e\u0301te\u0301", "été"),
        ("Łódź, Čapek, ﬁn", "Lódz, Capek, fin"),
        ("\u202fa\u200bb", " ab"),
        ("Привет 🎁", "?????? ?"),
    ],
)
def test_a_text_is_sent_in_latin1(text: str, expected: str) -> None:
    """Characters that ISO-8859-1 lacks become the nearest ones, and what has none a question mark."""
    assert latin1(text) == expected


def test_a_query_is_percent_encoded_in_latin1() -> None:
    """Rakuten decodes parameters as ISO-8859-1."""
    assert query({"transporter_name": "Mondial Relay prépayé", "u": "a&b=c/d?é#+"}) == (
        "transporter_name=Mondial+Relay+pr%E9pay%E9&u=a%26b%3Dc%2Fd%3F%E9%23%2B"
    )


@given(st.text())
def test_any_text_can_be_sent(text: str) -> None:
    """Every text has a form in ISO-8859-1, and it is the same when taken again."""
    sent = latin1(text)
    sent.encode("iso-8859-1")
    assert latin1(sent) == sent


@given(st.lists(st.builds(ShippingStatusLine, *[st.text()] * 5), max_size=3))
def test_the_file_of_shipped_items_holds_any_values(lines: list[ShippingStatusLine]) -> None:
    """The file is XML whatever the values hold, with an item a line."""
    root = ET.fromstring(shipping_status_file(lines))
    assert [item.tag for item in root] == ["item"] * len(lines)


def test_the_file_of_shipped_items_is_escaped_utf8() -> None:
    """Values are escaped, accents kept, and every element is there though empty."""
    line = ShippingStatusLine("1", "11", "Mondial Relay prépayé", "<&>\x00", "https://a.example/?x=1&y=2")
    assert shipping_status_file([line]).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<items>\n<item><purchaseid>1</purchaseid><itemid>11</itemid>'
        "<transporter>Mondial Relay prépayé</transporter><trackingnumber>&lt;&amp;&gt;</trackingnumber>"
        "<trackingurl>https://a.example/?x=1&amp;y=2</trackingurl></item>\n</items>\n"
    )
