"""A shipment to what Rakuten is sent: the number as it is cleaned and checked, the URL, and why one cannot be sent."""

import pickle
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders import errors
from rakuten_orders.errors import (
    InvalidTrackingNumber,
    MissingInput,
    MissingTrackingNumber,
    MissingTransporter,
    ShipmentError,
    UnsupportedTransporter,
    UrlInvalid,
)
from rakuten_orders.formats import clean_number
from rakuten_orders.loading import load
from rakuten_orders.messages import reasons
from rakuten_orders.model import Shipment
from rakuten_orders.rulefiles import read_document
from rakuten_orders.sources import CarriersLayer, SourceFile, Sources
from rakuten_orders.tracking import language_of, track, url_inputs
from rakuten_orders.transporters import read_transporter_rules

CARRIERS = {
    "plain": "tracking_url: 'https://plain.example/t?n={{ tracking_number }}&x=1'",
    "path": "tracking_url: 'https://path.example/{{ tracking_number }}/fr#top'",
    "warner": """\
rakuten_name: GLS
tracking_numbers:
  - {pattern: '[0-9]{8}'}
  - {pattern: '[0-9]{13}', checksum: {algorithm: gs1-mod10}}
tracking_url: 'https://warner.example/?n={{ tracking_number }}'""",
    "refuser": """\
tracking_numbers:
  - {pattern: '[0-9]{8}'}
  - {pattern: '[0-9]{13}', checksum: {algorithm: gs1-mod10}}
on_mismatch: refuse
tracking_url: 'https://refuser.example/?n={{ tracking_number }}'""",
    "post": """\
tracking_numbers: [{pattern: 'X[A-Z][0-9]{9}FR', checksum: {algorithm: s10}}]
tracking_url: 'https://post.example/?n={{ tracking_number }}'""",
    "loose": """\
tracking_numbers: [{pattern: '[0-9A-Z]{13}'}]
tracking_url: 'https://loose.example/?n={{ tracking_number }}'""",
    "abroad": """\
tracking_numbers: [{pattern: '[A-Z]{2}[0-9]{9}[A-Z]{2}', checksum: {algorithm: s10}}]
tracking_url: 'https://abroad.example/?n={{ tracking_number }}'""",
    "needy": """\
tracking_url: 'https://needy.example/{{ postcode }}/{{ country }}/{{ phone_last4 }}?n={{ tracking_number }}'""",
    "items": "tracking_url: 'https://items.example/{{ order_id }}/{{ item_id }}?n={{ tracking_number }}'",
    "relay": "tracking_url: 'https://relay.example/?n={{ tracking_number }}"
    "{% if pickup_postcode %}&cp={{ pickup_postcode }}{% endif %}'",
    "tongue": """\
tracking_url: 'https://tongue.example/{{ language }}/{{ country | lower | default("xx") }}?n={{ tracking_number }}'""",
    "silent": "rakuten_name: Colissimo",
    "searcher": "search_page: true\ntracking_url: 'https://searcher.example/'",
}
VALID = {
    "post": "XA123456785FR",
    "warner": "12345678",
    "refuser": "12345678",
    "loose": "1234567890ABC",
    "abroad": "RB123456785DE",
}
INPUTS = {
    "needy": ("postcode: '75011', country: FR, phone_last4: '1234'", "https://needy.example/75011/FR/1234?n=1"),
    "items": ("order_id: '9', item_id: '11'", "https://items.example/9/11?n=1"),
    "relay": ("country: FR", "https://relay.example/?n=1"),
    "tongue": ("country: FR", "https://tongue.example/fr/fr?n=1"),
    "path": ("country: FR", "https://path.example/1/fr#top"),
    "plain": ("country: FR", "https://plain.example/t?n=1&x=1"),
    "searcher": ("country: FR", "https://searcher.example/"),
    "silent": ("country: FR", None),
}


def carrier_file(code):
    number = VALID.get(code, "1")
    inputs, url = INPUTS.get(code, ("country: FR", f"https://{code}.example/?n={number}"))
    lines = [f"code: {code}", f"name: {code.capitalize()} Colis", CARRIERS[code]]
    lines += ["sources: [{note: made up, read: 2026-11-23}]", "examples:"]
    shown = f", url: '{url}'" if url else ""
    lines += [f"  valid: [{{tracking_number: '{number}', {inputs}{shown}}}]", "  invalid: [{tracking_number: '??'}]"]
    return SourceFile(f"carriers.d/{code}.yaml", "\n".join(lines).encode())


LOADED = load(Sources((), (CarriersLayer("shipped", tuple(map(carrier_file, sorted(CARRIERS)))),)))
CATALOGUE = LOADED.catalogue


def rules_of(text):
    document, _findings = read_document("transporters.yaml", f"kind: transporters\n{text}".encode())
    rules, findings = read_transporter_rules(document, CATALOGUE)
    assert findings == []
    return rules


NO_RULES = rules_of("")
MARKED = rules_of("mappings: [{when: {tracking_number: {ends_with: '99'}}, carrier: plain, remove_value: true}]")


def update(transporter="plain", number="1", rules=NO_RULES, **fields):
    return track(rules, CATALOGUE, Shipment(transporter=transporter, tracking_number=number, **fields), None)


def error(kind, *given_, **fields):
    with pytest.raises(kind) as caught:
        update(*given_, **fields)
    assert type(caught.value) is kind
    return caught.value


def test_the_carriers_of_these_tests_load():
    """Nothing below is about a carrier that is not there."""
    assert [str(found) for found in LOADED.diagnostics if found.severity == "error"] == []
    assert [carrier.code for carrier in CATALOGUE] == sorted(CARRIERS)


# ---- the number ----


@pytest.mark.parametrize(
    ("received", "sent"),
    [
        ("6A 12345 67890 5", "6A12345678905"),
        ("  0012\t3\n", "00123"),
        ("1\u00a02\u202f3\u20034", "1234"),
        ("1.2-3\u20104\u20115\u20126\u20137\u20148\u20159", "123456789"),
        ("1\u22122\uff0d3", "123"),
        ("1\u200b2\u200d3\ufeff4\u00ad5\u2060", "12345"),
        ("1\x002\x1f3", "123"),
        ("ab1é", "AB1É"),
        ("12/34_5+6", "12/34_5+6"),
        ("000", "000"),
        ("12\ud83d", "12"),
    ],
)
def test_a_number_is_cleaned(received, sent):
    """Spaces, dots, hyphens and what cannot be seen go, letters become capital; zeros in front and the rest stay."""
    found = update(number=received)
    assert (found.tracking_number, found.tracking_number_received) == (sent, received)


@given(st.text(st.characters()))
def test_cleaning_settles(text):
    """Cleaning twice is cleaning once, and what is left has neither blanks nor dots nor hyphens."""
    cleaned = clean_number(text)
    assert clean_number(cleaned) == cleaned
    assert not any(char.isspace() or char in ".-" for char in cleaned)


@pytest.mark.parametrize("number", [None, "", "  ", "-.-", "\u200b"])
def test_without_a_number_nothing_is_sent(number):
    """A number of which nothing is left is no number."""
    found = error(MissingTrackingNumber, "plain", number)
    assert (found.reason, found.field) == ("missing_tracking_number", "tracking_number")


def test_a_marker_that_was_all_of_the_number_leaves_none():
    """What remove_value takes may be everything."""
    assert update(None, "12-99", MARKED).tracking_number == "12"
    assert update(None, "12-99", MARKED).decided_by == "mapping"
    assert update(None, "12-99", MARKED).tracking_number_received == "12-99"
    error(MissingTrackingNumber, None, "99", rules=MARKED)


@pytest.mark.parametrize("number", ["***", "?", "#/#"])
@pytest.mark.parametrize("transporter", ["plain", None])
def test_without_a_letter_or_a_digit_it_is_no_number(transporter, number):
    """A sign that somebody typed to fill the field is not sent to a buyer."""
    found = error(InvalidTrackingNumber, transporter, number, tracking_url="https://x.example/1")
    assert (found.reason, found.field) == ("invalid_tracking_number", "tracking_number")
    assert number in found.message


def test_64_characters_are_the_most():
    """What is longer is something else that was pasted in."""
    assert update(number="A" * 64).tracking_number == "A" * 64
    assert update(number="A - " * 64).tracking_number == "A" * 64
    found = error(InvalidTrackingNumber, "plain", "A" * 65)
    assert "64" in found.message
    error(InvalidTrackingNumber, None, "A" * 65, tracking_url="https://x.example/1")


@pytest.mark.parametrize(("number", "said"), [("1234567", "does not look like"), ("1234567890123", "check digit")])
def test_a_number_of_another_form_is_refused_or_warned_of(number, said):
    """As the carrier's file says; the sentences name number and carrier."""
    found = error(InvalidTrackingNumber, "refuser", number)
    assert (found.reason, found.field) == ("invalid_tracking_number", "tracking_number")
    (warning,) = update("warner", number).warnings
    for sentence in (found.message, warning):
        assert said in sentence
        assert number in sentence
    assert "Refuser Colis" in found.message


@pytest.mark.parametrize("number", ["12345678", "1234567890128", "12 34.56-78"])
def test_a_number_of_the_right_form_passes(number):
    """Any of the formats will do, check digit included."""
    assert update("refuser", number).warnings == update("warner", number).warnings == ()


def test_a_number_that_is_plainly_anothers_is_warned_of():
    """Certain for another operator, where its length alone, or nothing, says that it is the named one's."""
    for named in ("warner", "plain", "loose"):
        (warning,) = update(named, "XA123456785FR").warnings
        assert "Post Colis" in warning
    for named in ("post", "abroad"):
        assert update(named, "XA123456785FR").warnings == ()
    assert update("plain", "XA123456784FR").warnings == ()


def test_a_carrier_without_formats_takes_any_number():
    """Where nobody knows the formats nothing is odd."""
    assert update("plain", "?!1").warnings == ()


# ---- who carries it ----


def test_the_update_says_everything():
    """Carrier, name for Rakuten, number, URL, who decided, and what it is for."""
    found = update("Warner-Colis", "12 34 56 78", order_id="9", item_ids=("11", "12"))
    assert (found.carrier, found.transporter_name, found.decided_by) == ("warner", "GLS", "name")
    assert (found.tracking_number, found.tracking_number_received) == ("12345678", "12 34 56 78")
    assert found.tracking_url == "https://warner.example/?n=12345678"
    assert (found.order_id, found.item_ids, found.warnings) == ("9", ("11", "12"), ())


def test_a_carrier_without_a_name_at_rakuten_goes_as_autre():
    """With its own URL."""
    found = update("plain")
    assert (found.transporter_name, found.tracking_url) == ("Autre", "https://plain.example/t?n=1&x=1")


def test_an_unknown_carrier_with_a_url_goes_as_autre():
    """Without a carrier nothing is known of the number, and nothing is said of it."""
    found = update("Coursier inconnu", "12 3", tracking_url=" https://parcels.example/12?x=1 ")
    assert (found.carrier, found.transporter_name, found.decided_by) == (None, "Autre", "url")
    assert (found.tracking_url, found.tracking_number) == ("https://parcels.example/12?x=1", "123")


def test_a_named_transporter_that_nothing_covers():
    """What was received, which names are near, or else which carriers the number would fit, and how to add a file."""
    found = error(UnsupportedTransporter, "Planit Colis", "12345678")
    assert (found.reason, found.field) == ("unsupported_transporter", "transporter")
    assert '"Planit Colis"' in found.message
    assert "Plain Colis" in found.message
    assert "carriers.d" in found.hint
    found = error(UnsupportedTransporter, "Zzyzx", "XA123456785FR")
    assert "post" in found.hint
    assert "carriers.d" in found.hint
    found = error(UnsupportedTransporter, "Zzyzx", "?")
    assert "carriers list" in found.hint
    error(UnsupportedTransporter, "Zzyzx", "1", rules=rules_of("default: plain"))


def test_no_transporter_at_all():
    """Without a default; the hint tells which carriers the number would fit, best first."""
    for name in (None, "", " "):
        found = error(MissingTransporter, name, "XA123456785FR")
        assert (found.reason, found.field) == ("missing_transporter", "transporter")
        assert "post" in found.hint
    assert "default" in error(MissingTransporter, None, "?").hint
    assert update(None, "1", rules_of("default: plain")).decided_by == "default"


def test_the_transporter_is_missed_before_the_number():
    """Of two things that are wrong, the one that decides the other is told."""
    error(UnsupportedTransporter, "Zzyzx", None)
    error(MissingTransporter, None, None)


# ---- the URL ----

ODD = "a/b?c=d&e#f é"


def test_odd_characters_are_encoded_where_they_stand():
    """In a path and in a query every character of the value survives, and none changes the address."""
    for code in ("plain", "path"):
        url = update(code, ODD).tracking_url
        assert quote("A/B?C=D&E#FÉ", safe="") in url
        parts = urlsplit(url)
        assert parts.hostname == f"{code}.example"
    assert parse_qs(urlsplit(update("plain", ODD).tracking_url).query) == {"n": ["A/B?C=D&E#FÉ"], "x": ["1"]}
    assert unquote(urlsplit(update("path", ODD).tracking_url).path) == "/A/B?C=D&E#FÉ/fr"
    assert urlsplit(update("path", ODD).tracking_url).fragment == "top"


characters = st.characters()  # halves of characters included


def can_be_sent(text: str) -> bool:
    return len(clean_number(text)) <= 64 and any(character.isalnum() for character in text)


@given(st.text(characters, min_size=1).filter(can_be_sent))
def test_any_number_comes_back_out_of_its_url(number):
    """Whatever the number is, the URL is printable ASCII on the carrier's host and holds exactly that number."""
    url = update("plain", number).tracking_url
    assert all("!" <= char <= "~" for char in url)
    assert urlsplit(url).hostname == "plain.example"
    assert parse_qs(urlsplit(url).query) == {"n": [clean_number(number)], "x": ["1"]}


def test_half_a_character_is_no_input():
    """What broken JSON makes of a character cannot be put into an address."""
    assert error(UrlInvalid, "needy", postcode="\ud800", country="FR", phone_last4="1").field == "tracking_url"
    assert update(number="12\udc003").tracking_number == "123"


def test_a_given_url_replaces_only_the_url():
    """Carrier, name and checks stay; the carrier's own needs are not asked for."""
    found = update("warner", "1234567", tracking_url="http://parcels.example/1")
    assert (found.transporter_name, found.tracking_url) == ("GLS", "http://parcels.example/1")
    assert found.warnings != ()
    assert update("needy", tracking_url="https://parcels.example/1").tracking_url == "https://parcels.example/1"
    assert update("silent", tracking_url="https://parcels.example/1").tracking_url == "https://parcels.example/1"
    error(InvalidTrackingNumber, "refuser", "1", tracking_url="https://parcels.example/1")


@pytest.mark.parametrize(
    "url",
    [
        "parcels.example/1",
        "ftp://parcels.example/1",
        "javascript:alert(1)",
        "//parcels.example/1",
        "https://",
        "https:///1",
        "https://parcels.example/é",
        "https://parcels.example/a b",
        "https://parcels.example/\x7f",
        "http://[::1/",
        "http://parcels.example:port/",
        "https://parcels.example/" + "a" * 2000,
    ],
)
def test_a_given_url_is_checked(url):
    """Absolute, http or https, printable ASCII, at most 2,000 characters, whoever decided."""
    for transporter in ("plain", "Unknown", None):
        found = error(UrlInvalid, transporter, "1", tracking_url=url)
        assert (found.reason, found.field) == ("url_invalid", "tracking_url")
        assert "back office" in found.message


def test_a_url_that_the_carriers_template_spoils_is_an_error():
    """A rendered URL is checked like a given one, and the file is named."""
    found = error(UrlInvalid, "items", "1", order_id="9" * 2000, item_ids=("1",))
    assert (found.reason, found.field) == ("url_invalid", "tracking_url")
    assert "carriers.d/items.yaml" in found.hint


def test_what_the_template_needs_has_to_be_there():
    """Every missing input is named, with the order; the first is the error's field."""
    found = error(MissingInput, "needy", order_id="429492423", postcode=" ", phone_last4="1234")
    assert (found.reason, found.field) == ("missing_input", "postcode")
    assert "postcode and country" in found.message
    assert "429492423" in found.message
    assert "Needy Colis" in found.message
    given_all = {"postcode": " 75011 ", "country": "fr", "phone_last4": "1234"}
    assert update("needy", **given_all).tracking_url == "https://needy.example/75011/FR/1234?n=1"
    assert error(MissingInput, "needy", **{**given_all, "country": None}).field == "country"


def test_order_and_item_are_inputs():
    """The item is one only where the shipment is of one."""
    assert update("items", order_id="9", item_ids=("11",)).tracking_url == "https://items.example/9/11?n=1"
    for items in (None, (), ("11", "12")):
        assert error(MissingInput, "items", order_id="9", item_ids=items).field == "item_id"
    assert error(MissingInput, "items", item_ids=("11",)).field == "order_id"


def test_what_a_template_tests_may_be_missing():
    """A variable under ``if`` is optional."""
    assert update("relay").tracking_url == "https://relay.example/?n=1"
    assert update("relay", pickup_postcode="59000").tracking_url == "https://relay.example/?n=1&cp=59000"


@pytest.mark.parametrize(
    ("fields", "tongue"),
    [
        ({}, "en/xx"),
        ({"country": "FR"}, "fr/fr"),
        ({"country": "de"}, "de/de"),
        ({"country": "NO"}, f"{language_of('NO')}/no"),
        ({"country": "JP"}, f"{language_of('JP')}/jp"),
        ({"country": "FR", "language": "NL"}, "nl/fr"),
        ({"language": " pt "}, "pt/xx"),
    ],
)
def test_the_language_follows_the_country(fields, tongue):
    """By the table, unless one is given; English where neither tells."""
    assert update("tongue", **fields).tracking_url == f"https://tongue.example/{tongue}?n=1"


def test_a_country_that_the_table_lacks_reads_english():
    """Nothing is guessed from an unknown country."""
    assert language_of("ZZ") == language_of("") == "en"


def test_a_carrier_that_rakuten_tracks_by_itself_needs_no_url():
    """Then none is sent; a search page is sent as it stands."""
    assert update("silent").tracking_url is None
    assert update("silent").transporter_name == "Colissimo"
    assert update("searcher").tracking_url == "https://searcher.example/"


def test_inputs_come_without_blanks():
    """What a back office puts around a value does not get into an address."""
    fields = dict.fromkeys(("postcode", "pickup_postcode", "phone_last4", "order_id"), " 7501 ")
    shipment = Shipment(
        transporter=None, tracking_number=None, country=" fr ", language=" NL ", item_ids=(" 11 ",), **fields
    )
    found = url_inputs(shipment, "1")
    assert {found[name] for name in fields} == {"7501"}
    assert (found["country"], found["language"], found["item_id"]) == ("FR", "nl", "11")


def test_inputs_are_always_all_there():
    """Every variable has a text, empty where the shipment has nothing."""
    assert set(url_inputs(Shipment(transporter=None, tracking_number=None), "").values()) == {"", "en"}


# ---- errors ----


def kinds():
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ShipmentError)]


@pytest.mark.parametrize("kind", kinds())
def test_every_error_says_why_and_travels(kind):
    """Reason, message, hint and field, the reason one that is explained; equal after pickling."""
    fault = kind("what is wrong", "what to do", "postcode")
    copy = pickle.loads(pickle.dumps(fault))
    assert kind.reason in reasons()
    assert type(copy) is kind
    for one in (fault, copy):
        assert one.reason == kind.reason
        assert (one.message, one.hint, one.field) == ("what is wrong", "what to do", "postcode")
        assert str(one) == "what is wrong"


def test_there_is_a_kind_for_each_reason():
    """Six kinds below ShipmentError, no two with one reason."""
    assert len(kinds()) == 7
    assert len({kind.reason for kind in kinds()}) == 7


text = st.none() | st.text(characters, max_size=8) | st.sampled_from([*CARRIERS, "https://x.example/1", "FR", " "])
shipments = st.builds(
    Shipment,
    transporter=text,
    tracking_number=text,
    tracking_url=text,
    order_id=text,
    item_ids=st.none() | st.lists(st.text(characters, max_size=4), max_size=2).map(tuple),
    **dict.fromkeys(("postcode", "country", "pickup_postcode", "phone_last4", "language", "shipping_type"), text),
)


def outcome(shipment, rules):
    try:
        return track(rules, CATALOGUE, shipment, "main")
    except ShipmentError as fault:
        return fault


@given(shipments, st.sampled_from([NO_RULES, MARKED]))
def test_a_shipment_is_sent_or_says_why_not(shipment, rules):
    """Any shipment gives an update that Rakuten can take, or an error with a reason, a message and a hint."""
    found = outcome(shipment, rules)
    if isinstance(found, ShipmentError):
        assert found.reason in reasons()
        assert found.message
        assert found.hint
        return
    assert 0 < len(found.tracking_number) <= 64
    assert found.tracking_number_received == shipment.tracking_number
    assert found.tracking_url is None or urlsplit(found.tracking_url).scheme in ("http", "https")
    assert found.tracking_url is not None or found.transporter_name != "Autre"
