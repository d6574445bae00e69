"""The engine: rules and carriers, loaded once, applied to sales and shipments."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rakuten_orders.acceptance import decide_sale
from rakuten_orders.carriers import CarrierCatalogue
from rakuten_orders.comparing import OrderComparison, compare_order_rules
from rakuten_orders.detection import detect
from rakuten_orders.diagnostics import Diagnostic
from rakuten_orders.errors import RulesError
from rakuten_orders.explaining import Trace
from rakuten_orders.loading import RuleSet, load
from rakuten_orders.mapping import map_sale, trace_sale
from rakuten_orders.model import Decision, Detection, MapResult, Sale, Shipment, TrackingUpdate, WithoutNumber
from rakuten_orders.payload import parse_sales
from rakuten_orders.sources import Sources, read_sources
from rakuten_orders.tracking import track
from rakuten_orders.transporters import waits

Folder = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Engine:
    """Rules and carriers in force. Immutable, safe to share between threads; pickles by its sources.

    ``sources`` are the files that it was made from; ``diagnostics`` what loading found that does not stand in the
    way: warnings and information. Made by ``Engine.load`` or ``Engine.from_sources``.
    """

    sources: Sources
    diagnostics: tuple[Diagnostic, ...]
    _ruleset: RuleSet

    @classmethod
    def load(
        cls,
        rules: Folder | Sequence[Folder] = (),
        carriers: Folder | Sequence[Folder] = (),
        tables: Mapping[str, Mapping[str, str]] | None = None,
    ) -> Engine:
        """Loads the shipped rules and carriers and, over them, the given folders (the last is the nearest).

        A folder of rules replaces the kinds that it has; carriers are added, replaced or extended one by one.
        ``tables`` are lookup tables handed in, by name; they win over files of that name. Raises RulesError with
        every finding in ``.diagnostics``.
        """
        copied = {name: dict(table) if isinstance(table, Mapping) else table for name, table in (tables or {}).items()}
        return cls.from_sources(read_sources(_folders(rules), _folders(carriers), copied))

    @classmethod
    def from_sources(cls, sources: Sources) -> Engine:
        """The engine for files already read (``engine.sources`` of another). Raises RulesError."""
        loaded = load(sources)
        if loaded.ruleset is None:
            raise RulesError(loaded.diagnostics)
        return cls(sources, loaded.diagnostics, loaded.ruleset)

    def __reduce__(self) -> tuple[object, tuple[Sources]]:
        return (Engine.from_sources, (self.sources,))

    def __repr__(self) -> str:
        return f"<Engine {self.digest[:12]}: {len(self.catalogue)} carriers>"

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of the loaded values: equal values, equal digest, on any machine."""
        return self._ruleset.digest

    @property
    def catalogue(self) -> CarrierCatalogue:
        """The carriers in force."""
        return self._ruleset.catalogue

    @property
    def ships_from(self) -> int:
        """The country that parcels leave from, as the number that acceptsale wants.

        ISO 3166-1 numeric, but 249 for France (official text quoted by a client).
        """
        return self._ruleset.acceptance.ships_from

    def map(self, data: bytes | Sale | Iterable[Sale], *, accepted: bool = True) -> Iterator[MapResult]:
        """The orders that the rules make of a document's bytes, a sale, or sales: one result a sale.

        ``accepted=False`` is the check before acceptance: ``required`` is not held against what Rakuten fills only
        afterwards. Raises PayloadError for bytes that are no getnewsales or getcurrentsales document, and TypeError
        for text: the XML itself says how its bytes are to be read. Raises nothing for any sale.
        """
        if isinstance(data, str):
            raise TypeError("a document is given as bytes, as Rakuten sent it: the XML says how they are to be read")
        if isinstance(data, bytes):
            data = parse_sales(data)
        sales = (data,) if isinstance(data, Sale) else data
        return (map_sale(self._ruleset.order, sale, accepted=accepted) for sale in sales)

    def compared_with(self, after: Engine) -> OrderComparison:
        """Tells of a sale whether ``after`` may make another order of it, faster than two mappings do."""
        return compare_order_rules(self._ruleset.order, after._ruleset.order)

    def trace(self, sale: Sale, *, accepted: bool = True) -> tuple[Trace, ...]:
        """For each field of the order and of its lines: the value, the rule's place, the path that was read."""
        return tuple(trace_sale(self._ruleset.order, sale, accepted=accepted))

    def decide(self, sale: Sale) -> tuple[Decision, ...]:
        """What the acceptance rules say of each item, in order: ``accept``, ``hold`` or ``skip``, and because of what.

        A hold on any item holds the whole sale, but for the items that are skipped.
        """
        return decide_sale(self._ruleset.acceptance, sale)

    def track(self, shipment: Shipment, *, connection: str | None = None) -> TrackingUpdate:
        """What Rakuten is sent for a shipment, and who decided it.

        ``connection`` is the label that rules may test. Raises a subclass of ShipmentError: MissingTransporter,
        UnsupportedTransporter, MissingTrackingNumber, InvalidTrackingNumber, MissingInput or UrlInvalid; its
        ``.reason``, ``.message`` and ``.hint`` say why the shipment cannot be sent as it is, and what to do.
        """
        return track(self._ruleset.transporters, self._ruleset.catalogue, shipment, connection)

    def without_number(self, shipment: Shipment, *, connection: str | None = None) -> WithoutNumber | None:
        """How long a number is waited for before the shipment goes without one.

        None where it must have one, and for a shipment that brings one.
        """
        return waits(self._ruleset.transporters, shipment, connection)

    def detect(self, number: str, country: str | None = None) -> tuple[Detection, ...]:
        """The carriers whose formats a tracking number fits, best first, graded. Only ever a suggestion.

        ``country`` (ISO 3166-1 alpha-2) is where the shipment goes: of carriers of one grade, those that deliver
        there come first.
        """
        return detect(self._ruleset.catalogue, number, country)


def _folders(given: Folder | Sequence[Folder]) -> Sequence[Folder]:
    return (given,) if isinstance(given, (str, os.PathLike)) else tuple(given)
