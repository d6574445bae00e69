"""Rakuten's documents: which one came, and the error document that can come instead of any."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache

from rakuten_orders.errors import PayloadError
from rakuten_orders.xmlbytes import MAX_ANSWER, read_record
from rakuten_orders.xmlrecords import Plan, Record

ERROR_ROOT = "errorresponse"

# Root elements by local name, for the sentence that says what came (seen in samples).
ROOTS = {
    "getnewsalesresult": "the answer to getnewsales",
    "getcurrentsalesresult": "the answer to getcurrentsales",
    "saleacceptanceresult": "the answer to acceptsale or refusesale",
    "cancelitemresult": "the answer to cancelitem",
    "getshippinginformationresult": "the answer to getshippinginformation",
    "getbillinginformationresult": "the answer to getbillinginformation",
    "setshippingpackageinfosresult": "the answer to settrackingpackageinfos",
    "importresult": "the answer to importitemshippingstatus",
    "getiteminfosresult": "the answer to getiteminfos",
    "getitemtodolistresult": "the answer to getitemtodolist",
    "confirmpreorder": "the answer to confirmpreorder",
    "contactuseraboutitemresult": "the answer to contactuseraboutitem",
    "contactusaboutitemresult": "the answer to contactusaboutitem",
    "getcompensationdetailsresult": "the answer to getcompensationdetails",
    "getoperationsresult": "the answer to getoperations",
    "getavailableshippingtypesresult": "the answer to getavailableshippingtypes",
    "inventoryresult": "a stock export",
    ERROR_ROOT: "an error document",
}


class ErrorDocument(PayloadError):
    """Rakuten answered with an ``<errorresponse>``, whatever the action and the HTTP status.

    ``code`` and ``text`` are its code and message, ``details`` its detail lines, none to many, ``type`` is
    ``Sender``, ``ServerError`` or empty (seen in samples).
    """

    def __init__(self, code: str, text: str, details: tuple[str, ...] = (), type: str = "") -> None:  # noqa: A002
        self.code = code
        self.text = text
        self.details = details
        self.type = type
        sentences = ". ".join(part.rstrip(". ") for part in (text, *details) if part)
        what = f"{code or 'no code'}: {sentences}" if sentences else code or "without a code"
        super().__init__(f"Rakuten answered with an error document ({what})")

    def __reduce__(self) -> tuple[type[ErrorDocument], tuple[str, str, tuple[str, ...], str]]:  # type: ignore[override]
        return (type(self), (self.code, self.text, self.details, self.type))


def read_document(data: bytes, roots: Collection[str], names: Collection[str], *, limit: int = MAX_ANSWER) -> Record:
    """The root of a document whose root element is one of ``roots``, elements called one of ``names`` as records.

    Raises ErrorDocument for an error document, else PayloadError, whose message says what came and which
    of Rakuten's answers was expected.
    """
    with expecting(roots):
        root = read_record(data, plan(tuple(roots), frozenset(names)), limit=limit)
    raise_if_error(root)
    return root


@lru_cache(maxsize=64)
def plan(roots: tuple[str, ...], names: frozenset[str]) -> Plan:
    """A plan that reads ``roots`` with the records ``names``, an error document, and refuses any other root.

    The same for the same: what is learnt of the documents of a plan serves the next one.
    """

    def records_of(root: str) -> frozenset[str]:
        if root == ERROR_ROOT:
            return frozenset({"detail"})
        if root not in roots:
            raise PayloadError(f"{what_is(root)} came")
        return names

    return records_of


@contextmanager
def expecting(roots: Collection[str]) -> Iterator[None]:
    """Adds to a PayloadError which of Rakuten's answers was expected."""
    try:
        yield
    except ErrorDocument:
        raise
    except PayloadError as error:
        actions = " or ".join(ROOTS[root].removeprefix("the answer to ") for root in roots)
        raise PayloadError(f"{error.message}; expected the answer to {actions}", error.hint) from None


def raise_if_error(root: Record) -> None:
    """Raises ErrorDocument if ``root``, read with a plan from here, is one."""
    if root.name != ERROR_ROOT:
        return
    fields = root.fields
    details = (detail.fields.get("", "") for detail in root.records)
    raise ErrorDocument(
        code=fields.get("error.code", ""),
        text=fields.get("error.message", ""),
        details=tuple(detail for detail in details if detail),
        type=fields.get("error.type", ""),
    )


def what_is(root: str) -> str:
    """What a document with this root element is, for a sentence: its name only if it looks like one."""
    if root in ROOTS:
        return ROOTS[root]
    name = f" (<{root}>)" if root.isascii() and len(root) <= 40 else ""
    return f"a document of another kind{name}"
