"""RakutenClient: one method an action of Rakuten France's sales web services.

The answers' meaning is in ``answers`` and ``verdicts``, which are pure; how a call is made is in ``calls``.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Self, TypeVar

import tenacity

from rakuten_orders.connection import answers
from rakuten_orders.connection.addresses import DEFAULT_ENDPOINT, address_problem
from rakuten_orders.connection.answers import Answer, ItemInfos, SalesPage, TodoItem
from rakuten_orders.connection.calls import Caller, understood
from rakuten_orders.connection.queries import ShippingStatusLine, latin1, shipping_status_file
from rakuten_orders.connection.transport import Credentials
from rakuten_orders.connection.verdicts import Outcome, outcome, refusal
from rakuten_orders.errors import ApiError, ConfigError, PayloadError, TransportError
from rakuten_orders.messages import reason_text
from rakuten_orders.model import Sale
from rakuten_orders.payload import ErrorDocument, merged

VERSIONS: Mapping[str, str] = MappingProxyType(
    {
        "getnewsales": "2017-08-07",
        "acceptsale": "2021-04-08",
        "refusesale": "2010-09-20",
        "getcurrentsales": "2017-08-07",  # 2021-10-29 exists; its content is not known
        "getshippinginformation": "2017-09-12",
        "getbillinginformation": "2016-03-16",
        "settrackingpackageinfos": "2016-03-16",
        "importitemshippingstatus": "2016-05-09",
        "cancelitem": "2011-02-02",
        "getiteminfos": "2017-08-07",
        "getitemtodolist": "2011-09-01",
    }
)
"""The version that is asked for, by action: the newest whose answer was seen or that two clients use."""

COMMENT_LENGTH = 400
READ_ATTEMPTS = 3
MAX_PAGES = 1000

_VERSION = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LOG = logging.getLogger(__name__)
T = TypeVar("T")


class RakutenClient:
    """A seller account's sales web services, synchronous; a context manager, with one HTTP client for its life.

    ``login`` is the account's name and not the e-mail (an integrator's help page), ``token`` comes from "Mon
    compte", "Mes informations développeur". ``endpoint`` is an https address; http only on this machine.
    ``versions`` replaces entries of ``VERSIONS``. ``timeout_s`` bounds each call from its start to the last
    byte of its answer. ``sleep`` waits between the attempts of a read.

    Raises ConfigError at once for settings that cannot work. Every method raises TransportError where no
    usable answer came, and ApiError or one of its subclasses where the service refused. Reads are tried
    three times, with growing, jittered pauses; writes once: what an unknown outcome means is the caller's to
    find out. The token is in no log line, repr or exception, nor is what only the query of a URL holds.
    """

    def __init__(
        self,
        login: str,
        token: str,
        *,
        endpoint: str = DEFAULT_ENDPOINT,
        versions: Mapping[str, str] = MappingProxyType({}),
        timeout_s: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.login = _checked_login(login)
        self.endpoint = _checked_endpoint(endpoint)
        self._versions = _checked_versions(versions)
        self._newer: dict[str, str] = {}
        self._sleep = sleep
        self._caller = Caller(Credentials(self.login, _checked_token(token)), self.endpoint, timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"RakutenClient({self.login!r}, endpoint={self.endpoint!r})"

    def close(self) -> None:
        """Closes the connections."""
        self._caller.close()

    @property
    def newer_versions(self) -> Mapping[str, str]:
        """Versions that answers named and that are newer than the one asked for, by action."""
        return dict(self._newer)

    # Sales ------------------------------------------------------------------------------------------------------------

    def new_sales(self) -> tuple[Sale, ...]:
        """The sales that wait for a decision, all at once: getnewsales has no pages (seen in samples)."""
        return self._read("getnewsales", answers.new_sales)

    def accept(self, item_id: str, *, ships_from: int, import_country: int | None = None) -> Outcome:
        """Accepts an item, which debits the buyer (official page).

        ``ships_from`` and ``import_country`` are ISO 3166-1 numeric, but 249 for France (a client's official
        quotation). ALREADY_DONE if it was accepted before, ALREADY_CANCELLED if it can no longer be.
        """
        parameters = {"itemid": item_id, "shippingfromcountry": str(ships_from)}
        if import_country is not None:
            parameters["importcountry"] = str(import_country)
        return self._write("acceptsale", parameters)

    def refuse(self, item_id: str) -> Outcome:
        """Refuses an item that is not accepted yet. ALREADY_CANCELLED if it was cancelled or refused before."""
        return self._write("refusesale", {"itemid": item_id})

    def cancel(self, item_id: str, comment: str) -> Outcome:
        """Cancels an accepted item, with the ``comment`` that Rakuten demands.

        Of more than 400 characters it gets the first 400, counted as they are sent (what a client quotes).
        """
        return self._write("cancelitem", {"itemid": item_id, "comment": latin1(comment)[:COMMENT_LENGTH]})

    def current_sales(self, since: dt.date, *, pending_preorders: bool = False) -> Iterator[Sale]:
        """The accepted sales bought on or after ``since``, merged over all pages; newest first (seen in samples).

        With ``pending_preorders`` those that wait for stock instead. Everything is read before the first sale
        is given: a half-read list is none. Raises ApiError where the answer is not about ``since``, which
        Rakuten says only by leaving out the echo (seen by a client), and where the pages do not end.
        """
        parameters = {"purchasedate": since.isoformat()}
        if pending_preorders:
            parameters["ispendingpreorder"] = "y"
        sales: list[Sale] = []
        tokens: set[str] = set()
        page = self._page(parameters)
        self._check_echo(page, since)
        sales.extend(page.sales)
        while page.next_token:
            if page.next_token in tokens or len(tokens) >= MAX_PAGES:
                raise self._misunderstood("endless_pages", pages=len(tokens) + 1)
            tokens.add(page.next_token)
            page = self._page({**parameters, "nexttoken": page.next_token})
            # Clients send the token without the date, so it holds the day: an absent echo is no sign here.
            if page.purchase_date:
                self._check_echo(page, since)
            sales.extend(page.sales)
        return iter(merged(sales))

    def _page(self, parameters: Mapping[str, str]) -> SalesPage:
        return self._read("getcurrentsales", answers.current_sales, parameters)

    def _check_echo(self, page: SalesPage, since: dt.date) -> None:
        expected = since.strftime("%d/%m/%Y")
        if page.purchase_date != expected:
            raise self._misunderstood("date_ignored", expected=expected, echo=page.purchase_date or "none")

    def _misunderstood(self, variant: str, **params: object) -> ApiError:
        message, hint = reason_text("marketplace_refused", variant, **params)
        return ApiError(message, hint, action="getcurrentsales")

    # What is known of a sale or an item -------------------------------------------------------------------------------

    def shipping_information(self, purchase_id: str) -> Mapping[str, str]:
        """The paths below ``<shippinginformation>``; refused before acceptance (what a client sees)."""
        parameters = {"purchaseid": purchase_id}
        return self._read("getshippinginformation", answers.shipping_information, parameters)

    def billing_information(self, purchase_id: str) -> Mapping[str, Mapping[str, str]]:
        """For each item id the paths below ``<item>``; refused before acceptance (what a client sees)."""
        return self._read("getbillinginformation", answers.billing_information, {"purchaseid": purchase_id})

    def item_infos(self, item_id: str) -> ItemInfos:
        """The state of an item. Marks the buyer's messages as read (what a client warns of): a last resort."""
        return self._read("getiteminfos", answers.item_infos, {"itemid": item_id})

    def todo_list(self) -> tuple[TodoItem, ...]:
        """The items with a claim or unread messages (official page)."""
        return self._read("getitemtodolist", answers.todo_list)

    # Shipments --------------------------------------------------------------------------------------------------------

    def send_tracking(
        self, item_id: str, *, transporter_name: str, tracking_number: str, tracking_url: str | None
    ) -> Outcome:
        """Confirms that an item was sent, which mails the buyer. ALREADY_DONE if a number was given before."""
        parameters = {"itemid": item_id, "transporter_name": transporter_name, "tracking_number": tracking_number}
        if tracking_url is not None:
            parameters["tracking_url"] = tracking_url
        return self._write("settrackingpackageinfos", parameters)

    def import_shipping_status(self, lines: Sequence[ShippingStatusLine]) -> Outcome:
        """Confirms that items were sent, those without a number too. ALREADY_DONE if all were before.

        The ApiError of a refusal has one detail for each item at fault; ``verdicts.item_refusals`` reads
        them. Whether the other lines were taken is not known: send one sale at a time.
        """
        return self._write("importitemshippingstatus", {}, shipping_status_file(lines), items=len(lines))

    # Calls ------------------------------------------------------------------------------------------------------------

    def _read(
        self, action: str, read: Callable[[bytes], Answer[T]], parameters: Mapping[str, str] = MappingProxyType({})
    ) -> T:
        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TransportError),
            stop=tenacity.stop_after_attempt(READ_ATTEMPTS),
            wait=tenacity.wait_random_exponential(multiplier=1, max=10),
            sleep=self._sleep,
            reraise=True,
        )
        value: T = attempts(self._read_once, action, read, parameters)
        return value

    def _read_once(self, action: str, read: Callable[[bytes], Answer[T]], parameters: Mapping[str, str]) -> T:
        said = self._call(action, read, parameters)
        if isinstance(said, ErrorDocument):
            raise refusal(action, said, self.endpoint)
        return said.value

    def _write(self, action: str, parameters: Mapping[str, str], file: bytes | None = None, items: int = 1) -> Outcome:
        said = self._call(action, answers.confirmation(action), parameters, file)
        if not isinstance(said, ErrorDocument):
            return Outcome.DONE
        done_before = outcome(action, said, items)
        if done_before is None:
            raise refusal(action, said, self.endpoint)
        return done_before

    def _call(
        self,
        action: str,
        read: Callable[[bytes], Answer[T]],
        parameters: Mapping[str, str],
        file: bytes | None = None,
    ) -> Answer[T] | ErrorDocument:
        """One call: what was answered, or the error document that came instead."""
        reply = self._caller.call(action, {**parameters, "version": self._versions[action]}, file)
        if isinstance(reply, TransportError):
            raise reply
        said = understood(reply, read)
        if isinstance(said, ErrorDocument):
            return self._caller.without_token(said)
        if isinstance(said, PayloadError):
            raise self._caller.unusable(action, reply, said)
        self._note_version(action, said.last_version)
        return said

    def _note_version(self, action: str, version: str) -> None:
        if not _VERSION.fullmatch(version) or version <= self._versions[action]:
            return
        if self._newer.get(action) != version:
            _LOG.info("Rakuten has version %s of %s; %s is asked for", version, action, self._versions[action])
        self._newer[action] = version


def _checked_login(login: str) -> str:
    login = login.strip()
    if "@" in login:
        raise ConfigError(
            "the login is an e-mail address: Rakuten wants the account's name",
            "it is the name shown in the Rakuten account, not the e-mail that one signs in with",
        )
    if not login:
        raise ConfigError("the login is empty", "it is the name of the Rakuten account")
    return login


def _checked_token(token: str) -> str:
    token = token.strip()
    if not token:
        raise ConfigError(
            "the token is empty", 'it is in the Rakuten account under "Mon compte", "Mes informations développeur"'
        )
    return token


def _checked_endpoint(endpoint: str) -> str:
    problem = address_problem(endpoint)
    if problem is not None:
        raise ConfigError(f"the endpoint cannot be used: {problem}", f"Rakuten's is {DEFAULT_ENDPOINT}")
    return endpoint.rstrip("/")


def _checked_versions(versions: Mapping[str, str]) -> Mapping[str, str]:
    for action, version in versions.items():
        if action not in VERSIONS:
            known = ", ".join(VERSIONS)
            raise ConfigError(f"there is no action {action} whose version could be set", f"the actions are {known}")
        if not _VERSION.fullmatch(version):
            raise ConfigError(f"the version of {action} is no date", f"versions look like {VERSIONS[action]}")
    return {**VERSIONS, **versions}


__all__ = ["DEFAULT_ENDPOINT", "VERSIONS", "Outcome", "RakutenClient", "ShippingStatusLine"]
