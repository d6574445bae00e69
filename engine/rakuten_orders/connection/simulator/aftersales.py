"""What is left to do after acceptance: cancel, read messages and claims, confirm the stock of preorders."""

from __future__ import annotations

import re
from functools import partial

from rakuten_orders.connection.simulator import documents, items, refusals
from rakuten_orders.connection.simulator.call import SELLER, Answer, Call

MAX_COMMENT = 400


def cancel(call: Call) -> Answer:
    """cancelitem: after acceptance, before shipment, with a comment of at most 400 characters."""
    comment = call.param("comment")
    if len(comment) > MAX_COMMENT:
        raise refusals.comment_too_long()
    call.act(partial(items.cancel, comment=comment))
    return call.echo("version", "user", "itemid", "comment"), [call.last_version, ("status", "CANCELLED")]


def item_infos(call: Call) -> Answer:
    """getiteminfos: shows the messages as they were, and marks them as read."""
    informations = documents.item_informations(call.market.item(call.param("itemid")), call.version)
    call.act(lambda state, _at: items.read_messages(state))
    return call.echo("version", "user", "itemid"), [call.last_version, SELLER, *informations]


def todo_list(call: Call) -> Answer:
    """getitemtodolist: claims and unread messages."""
    todo = documents.todo_list(call.market.all_items())
    return call.echo("version", "user"), [call.last_version, SELLER, todo]


def confirm_preorder(call: Call) -> Answer:
    """confirmpreorder: stock for an advert's waiting preorders; the answer says ``statut``."""
    if not re.fullmatch("[0-9]{1,9}", call.param("stock")) or int(call.param("stock")) == 0:
        raise refusals.invalid("stock")
    remaining = call.market.confirm_preorder(call.param("advertid"), int(call.param("stock")))
    status = f"OK : {remaining or 'no'} remaining item(s)"
    return call.echo("version", "user", "advertid", "stock"), [call.last_version, ("statut", status)]
