"""Invented buyers, pick-up points and products: nobody lives here, and no number rings.

Phones are of the ranges that the French regulator keeps for fiction, e-mail addresses of ``example.com``,
EANs of the range for in-store use.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rakuten_orders.connection.simulator.sales import Address, CollectionPoint


@dataclass(frozen=True, slots=True)
class Product:
    """What is sold: the seller's SKU, the title at Rakuten, the price in EUR, the EAN as Rakuten writes it."""

    sku: str
    headline: str
    price: str
    ean: str = ""


CAMILLE = Address(
    civility="Mme",
    lastname="EXEMPLE",
    firstname="Camille",
    address1="12 rue de la Démonstration",
    address2="Bâtiment B",
    zipcode="75011",
    city="PARIS",
    phonenumber1="0639980112",
)
DOMINIQUE = Address(
    civility="M.",
    lastname="Modèle",
    firstname="Dominique",
    address1="3 place de l'Essai",
    zipcode="69002",
    city="Lyon",
    phonenumber1="0639980203",
    phonenumber2="0199001234",
)
MAELLE = Address(
    civility="Mlle",
    lastname="Fictive",
    firstname="Maëlle",
    address1="101 chemin du Cœur Inventé",
    zipcode="33000",
    city="BORDEAUX",
    phonenumber1="0639980345",
)
NOOR = Address(
    civility="Mme",
    lastname="Voorbeeld",
    firstname="Noor",
    address1="Proefstraat 7",
    zipcode="1000",
    city="Bruxelles",
    country="Belgique",
    countryalpha2="BE",
    phonenumber1="0032 0000 000",
)
SOFIA = Address(
    civility="Mme",
    lastname="Ejemplo",
    firstname="Sofía",
    address1="Calle de la Muestra 5",
    zipcode="03001",
    city="Alicante",
    state="Alicante / Alacant",
    country="Espagne",
    countryalpha2="ES",
    phonenumber1="0034 000000",
)
URS = Address(
    civility="M.",
    lastname="Muster",
    firstname="Urs",
    address1="Beispielweg 9",
    zipcode="8001",
    city="Zürich",
    country="Suisse",
    countryalpha2="CH",
)
GWLADYS = Address(
    civility="Mme",
    lastname="Essai",
    firstname="Gwladys",
    address1="Lotissement Fictif 4",
    zipcode="97110",
    city="Pointe-à-Pitre",
    country="Guadeloupe",
    countryalpha2="GP",
    phonenumber1="0639980477",
)
IN_FRANCE = (
    CAMILLE,
    DOMINIQUE,
    MAELLE,
    replace(CAMILLE, lastname="D'ESSAI-MARTIN", firstname="Loïc", civility="M.", zipcode="06000", city="NICE"),
    replace(DOMINIQUE, lastname="Prototype", firstname="Élodie", civility="Mme", zipcode="20000", city="Ajaccio"),
)
ABROAD = (NOOR, SOFIA, URS, GWLADYS)

MONDIAL_RELAY_POINT = CollectionPoint(
    point_id="FR-000123",
    name="TABAC DE L'EXEMPLE",
    address="45 avenue du Modèle",
    zipcode="75012",
    city="PARIS",
    contractlevel="24R",
)
KIALA_POINT = CollectionPoint(
    point_id="FR-000456",
    name="Fleurs & Démo",
    address="2 quai de la Fiction",
    zipcode="44000",
    city="Nantes",
)

CAFETIERE = Product("CAFETIERE-6T", "Cafetière à piston 6 tasses", "23.9", "2000000000015;")
TASSE = Product("0017", "Tasse en grès bleu", "9.5", "2000000000022;")
FILTRES = Product("FILTRE-100", "Filtres en papier - lot de 100", "4.25", "2000000000039;")
MOULIN = Product("MOULIN-BOIS", "Moulin à café en bois - 20 € de remise pour l'œuvre", "49.9")
BALANCE = Product("NO-12", "Balance de cuisine \x19 précision 1 g", "106.4", "2000000000046;2000000000053;")
LIVRE = Product("LIVRE-OEUF", 'Le livre de l’œuf : "cuire & servir" <nouvelle édition>', "18.0")
PRODUCTS = (CAFETIERE, TASSE, FILTRES, MOULIN, BALANCE, LIVRE)
"""All products; SKUs that a spreadsheet or YAML would damage are among them."""
