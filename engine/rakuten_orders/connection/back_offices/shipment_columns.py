"""The names that a shipment's columns (CSV) or keys (JSON) have, and what to say of those that mean one of them.

Back offices have columns of their own, and those are left alone. One that is a known column by another name is not:
overlooked, its shipment would go out with another number, or for more items than were sent.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

TEXTS = (
    "order_id",
    "transporter",
    "tracking_number",
    "tracking_url",
    "postcode",
    "country",
    "pickup_postcode",
    "phone_last4",
    "language",
    "because",
)
KNOWN = (*TEXTS[:3], "item_ids", *TEXTS[3:-1], "cancel", "because")
_ADDED = frozenset({"line", "reason"})
"""What we write beside rows that were refused; it comes back with the mended file."""

_NEEDED = ("order_id", "transporter", "tracking_number", "item_ids")
"""Names that change what is confirmed where they are overlooked, so a misspelt one is not left to chance."""

_DECISIVE = frozenset({"transporter", "tracking_number", "cancel"})
"""Without one of these a shipment says that an order was sent and nothing more, as for Rakuten's own labels."""

_OTHER_NAMES = {
    "order_id": "order, orders, order number, order no, order nr, order ref, order reference, commande, id commande, "
    "commande id, no commande, numero commande, numero de commande, n de commande, ref commande, "
    "reference commande, reference de commande, purchase id, purchase, rakuten order id, rakuten id",
    "transporter": "carrier, carrier name, carrier code, transporter name, transporteur, nom transporteur, "
    "nom du transporteur, transport, shipping company, shipping carrier, courier, livreur",
    "tracking_number": "number, no, nr, n, tracking, tracking code, tracking no, tracking nr, tracking num, "
    "tracking id, tracking reference, track and trace, shipment number, shipment no, parcel number, parcel no, "
    "package number, consignment number, waybill, awb, suivi, numero, no suivi, numero suivi, num suivi, "
    "numero de suivi, n de suivi, code suivi, code de suivi, colis, numero colis, numero de colis, n colis, n de colis",
    "tracking_url": "url, link, lien, tracking link, tracking page, url suivi, url de suivi, lien suivi, lien de suivi",
    "item_ids": "item, items, item id, id item, item number, item numbers, id article, id articles",
    "cancel": "canceled, cancelled, cancellation, is cancelled, annule, annulee, annuler, annulation",
}


def _folded(name: str) -> str:
    """The name without case, accents, spaces and punctuation; the sign in ``N° de suivi`` too."""
    plain = unicodedata.normalize("NFD", name.replace("°", "").replace("º", "")).casefold()
    return re.sub(r"[^a-z0-9]", "", plain)


_MEANT = {
    _folded(other): name
    for name in (*_OTHER_NAMES, *KNOWN)
    for other in (name, *(_OTHER_NAMES.get(name, "").split(", ")))
    if other
}


def columns_problem(names: Iterable[str]) -> str:
    """All that keeps rows with columns of these names from being read, as sentences; else nothing."""
    written = Counter(name for name in names if name)
    unknown = [name for name in written if name not in KNOWN and name not in _ADDED]
    found = [f'"{name}" is there {number} times.' for name, number in written.items() if number > 1 and name in KNOWN]
    meant = {name: target for name in unknown if (target := _meant(name, written))}
    found += [f'"{name}" is not known; did you mean {target}?' for name, target in meant.items()]
    if not found and "order_id" in written and unknown and _DECISIVE.isdisjoint(written):
        others = ", ".join(f'"{name}"' for name in unknown)
        found.append(f"there is no transporter, no tracking_number and no cancel, and {others} is not known.")
    return " ".join((*found, known_columns())) if found else ""


def known_columns() -> str:
    """The sentence that lists what is read."""
    return f"Known are {', '.join(KNOWN)}. Give what is one of these its name, and leave out what is not needed."


def _meant(name: str, written: Iterable[str]) -> str:
    """The known column that the name stands for, unless that is there itself."""
    target = _MEANT.get(_folded(name), "")
    if not target:
        missing = [needed for needed in _NEEDED if needed not in written]
        target = next(iter(difflib.get_close_matches(name, missing, n=1, cutoff=0.8)), "")
    return "" if target in written else target
