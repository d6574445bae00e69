"""The web services by name: the frame of their answer, their versions, what they demand, what they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rakuten_orders.connection.simulator import aftersales, selling, shipping
from rakuten_orders.connection.simulator.call import Answer, Call
from rakuten_orders.connection.simulator.rendering import DECLARATION, STANDALONE_DECLARATION


@dataclass(frozen=True, slots=True)
class Action:
    """A web service.

    Root, namespace and XML declaration of its answer, and its mandatory parameters, are as seen in samples;
    ``versions`` are those that clients have used, newest last.
    """

    root: str
    namespace: str
    declaration: str
    versions: tuple[str, ...]
    required: tuple[str, ...]
    answer: Callable[[Call], Answer]

    @property
    def last_version(self) -> str:
        """What every answer names as ``lastversion``."""
        return self.versions[-1]


def _schema(host: str, name: str) -> str:
    return f"{host}/res/schema/{name}"


_OLD, _CDN, _NEW = "http://www.priceminister.com", "http://pmcdn.priceminister.com", "https://fr.shopping.rakuten.com"
_LISTS = ("2013-06-25", "2014-02-11", "2016-03-16", "2017-08-07")

ACTIONS: dict[str, Action] = {
    "getnewsales": Action(
        "getnewsalesresult",
        _schema(_CDN, "getnewsales"),
        DECLARATION,
        ("2010-09-20", "2013-06-25", "2014-01-28", *_LISTS[1:]),
        (),
        selling.new_sales,
    ),
    "acceptsale": Action(
        "saleacceptanceresult",
        _schema(_NEW, "acceptsale"),
        "",
        ("2010-09-20", selling.COUNTRY_DEMANDED_SINCE),
        ("itemid",),
        selling.accept,
    ),
    "refusesale": Action(
        "saleacceptanceresult",
        f"{_OLD}/sales_ws/saleacceptance",
        "",
        ("2010-09-20", "2021-04-08"),
        ("itemid",),
        selling.refuse,
    ),
    "getcurrentsales": Action(
        "getcurrentsalesresult",
        _schema(_CDN, "getcurrentsales"),
        DECLARATION,
        (*_LISTS, "2021-10-29"),
        (),
        selling.current_sales,
    ),
    "getshippinginformation": Action(
        "getshippinginformationresult",
        _schema(_OLD, "getshippinginformation"),
        "",
        ("2011-03-29", "2014-02-11", "2017-09-12"),
        ("purchaseid",),
        selling.shipping_information,
    ),
    "getbillinginformation": Action(
        "getbillinginformationresult",
        _schema(_OLD, "getbillinginformation"),
        "",
        ("2011-03-29", "2016-03-16"),
        ("purchaseid",),
        selling.billing_information,
    ),
    "settrackingpackageinfos": Action(
        "setshippingpackageinfosresult",
        _schema("http://akamai.pminteg.fr", "settrackingpackageinfos"),
        STANDALONE_DECLARATION,
        ("2012-11-06", "2016-03-16"),
        ("itemid", "transporter_name", "tracking_number"),
        shipping.set_tracking,
    ),
    "importitemshippingstatus": Action(
        "importresult",
        _schema(_NEW, "importitemshippingstatus"),
        DECLARATION,
        ("2016-05-09", "2021-06-29"),
        (),
        shipping.import_shipping_status,
    ),
    "cancelitem": Action(
        "cancelitemresult",
        _schema(_OLD, "cancelitem"),
        DECLARATION,
        ("2011-02-02",),
        ("itemid", "comment"),
        aftersales.cancel,
    ),
    "getiteminfos": Action(
        "getiteminfosresult",
        _schema(_OLD, "getiteminfos"),
        "",
        ("2011-02-02", "2011-06-01", "2016-03-16", "2017-08-07"),
        ("itemid",),
        aftersales.item_infos,
    ),
    "getitemtodolist": Action("getitemtodolistresult", "", "", ("2011-02-02", "2011-09-01"), (), aftersales.todo_list),
    "confirmpreorder": Action(
        "confirmpreorder",
        _schema(_CDN, "confirmpreorder"),
        DECLARATION,
        ("2013-01-09",),
        ("advertid", "stock"),
        aftersales.confirm_preorder,
    ),
}
"""Every service of ``/sales_ws`` that the simulator speaks, with all versions seen in samples or in clients."""
