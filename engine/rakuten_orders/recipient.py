"""Who receives a sale: what carriers ask for of a recipient, whichever of the address layouts it has."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rakuten_orders.model import Sale

# Rakuten's French labels, for addresses without countryalpha2 (a production client's list). Compared
# without case, accents, spaces and punctuation.
_COUNTRY_LABELS = {
    "france": "FR",
    "francemetro": "FR",
    "francemetropolitaine": "FR",
    "belgique": "BE",
    "luxembourg": "LU",
    "suisse": "CH",
    "andorre": "AD",
    "monaco": "MC",
    "guadeloupe": "GP",
    "guyane": "GF",
    "guyanefrancaise": "GF",
    "martinique": "MQ",
    "lareunion": "RE",
    "reunion": "RE",
    "mayotte": "YT",
    "allemagne": "DE",
    "autriche": "AT",
    "canada": "CA",
    "danemark": "DK",
    "espagne": "ES",
    "etatsunis": "US",
    "finlande": "FI",
    "gibraltar": "GI",
    "grece": "GR",
    "irlande": "IE",
    "italie": "IT",
    "liechtenstein": "LI",
    "norvege": "NO",
    "paysbas": "NL",
    "portugal": "PT",
    "royaumeuni": "GB",
    "suede": "SE",
    "vatican": "VA",
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """What a carrier may ask for; None where the sale does not tell it.

    ``postcode`` and ``country`` (ISO 3166-1 alpha-2) are those of the delivery address, else of the billing
    address; ``pickup_postcode`` is the collection point's; ``phone_last4`` the last four digits of the phone.
    """

    postcode: str | None
    country: str | None
    pickup_postcode: str | None
    phone_last4: str | None


def recipient(sale: Sale) -> Recipient:
    """The recipient of ``sale``.

    A sale has a delivery address, or a collection point and a billing address, or a billing address alone,
    never delivery and billing address together (seen in samples). Where a sale does not have a value, the
    address of the same kind in its getshippinginformation is asked: phones are there only after acceptance.
    """
    for kind in ("deliveryaddress", "billingaddress"):
        addresses = [address for address in _addresses(sale, kind) if address]
        if addresses:
            break
    else:
        addresses = []
    point = _first(_addresses(sale, "collectionpointaddress"), "zipcode")
    return Recipient(
        postcode=_first(addresses, "zipcode"),
        country=next(filter(None, map(_country, addresses)), None),
        pickup_postcode=point,
        phone_last4=next(filter(None, map(_phone_last4, addresses)), None),
    )


def _addresses(sale: Sale, kind: str) -> Iterator[Mapping[str, str]]:
    yield _below(sale.fields, f"deliveryinformation.{kind}.")
    yield _below(sale.shipping, f"{kind}.")


def _below(fields: Mapping[str, str], prefix: str) -> Mapping[str, str]:
    return {path.removeprefix(prefix): text for path, text in fields.items() if path.startswith(prefix)}


def _first(addresses: Iterator[Mapping[str, str]] | list[Mapping[str, str]], name: str) -> str | None:
    return next((address[name] for address in addresses if name in address), None)


def _country(address: Mapping[str, str]) -> str | None:
    code = address.get("countryalpha2", "").upper()
    if code:
        return code
    label = unicodedata.normalize("NFD", address.get("country", "").lower())
    return _COUNTRY_LABELS.get("".join(character for character in label if "a" <= character <= "z"))


def _phone_last4(address: Mapping[str, str]) -> str | None:
    for name in ("phonenumber1", "phonenumber2"):
        digits = "".join(character for character in address.get(name, "") if character in "0123456789")
        if len(digits) >= 4:
            return digits[-4:]
    return None
