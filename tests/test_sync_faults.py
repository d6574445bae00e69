"""What goes wrong between us and the marketplace: nothing is lost, nothing is done twice, and it is said."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import pytest

from rakuten_orders.connection import passes
from rakuten_orders.connection.config import Configuration
from rakuten_orders.connection.passes import sync_connection
from rakuten_orders.connection.simulator import DISTURBANCES, Fault

if TYPE_CHECKING:
    from conftest import Shop

LOST = {
    "reset_before": Fault.reset_before(),
    "reset_after": Fault.reset_after(),
    "http_500": Fault.http_500(),
    "http_500_acted": Fault.http_500(acts=True),
    "html": Fault.html(),
    "html_acted": Fault.html(acts=True, status=200),
    "cut_off": Fault.cut_off(),
    "broken_off": Fault.broken_off(),
    "server_error": Fault.server_error(),
}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
def test_an_acceptance_whose_answer_is_lost_takes_effect_once(shop: Shop, fault: Fault) -> None:
    """Rakuten is asked what became of it before it is repeated, within the same pass."""
    shop.simulator.add(shop.sale("429", "A-1", "A-2"))
    shop.simulator.fail_next("acceptsale", fault, item_id="42901")
    result = shop.sync()
    assert (result.exit_code, shop.status()) == (0, "not_shipped")
    assert [shop.simulator.done("acceptsale", item_id) for item_id in ("42901", "42902")] == [1, 1]
    assert shop.simulator.count("acceptsale", "42901") == (1 if fault.acts else 2)
    assert shop.simulator.count("getiteminfos") == 0


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
def test_a_confirmation_whose_answer_is_lost_takes_effect_once(shop: Shop, fault: Fault) -> None:
    """And what was sent is stored, however the answer came."""
    shop.simulator.add(shop.sale())
    shop.sync()
    shop.ship("429")
    shop.simulator.fail_next("settrackingpackageinfos", fault)
    result = shop.sync()
    assert (result.exit_code, shop.status()) == (0, "shipped")
    assert shop.simulator.done("settrackingpackageinfos", "42901") == 1
    assert shop.order().items[0].tracking_number == "6A12345678905"
    assert shop.simulator.count("getiteminfos") == 0


def test_a_pass_that_cannot_find_out_leaves_it_to_the_next(shop: Shop) -> None:
    """The answer is lost and then the marketplace is gone: the intent stays open until it is known."""
    shop.simulator.add(shop.sale())
    shop.simulator.fail_next("acceptsale", Fault.reset_after())
    shop.simulator.fail_next("getcurrentsales", Fault.http_500(), times=50)
    result = shop.sync()
    assert result.exit_code == 3
    assert result.error is not None
    assert result.error.reason == "marketplace_unreachable"
    assert [intent.item_id for intent in shop.store.intents.of_unknown_outcome("boutiquefr")] == ["42901"]
    shop.simulator.calm()
    assert shop.sync().exit_code == 0
    assert (shop.status(), shop.simulator.count("acceptsale")) == ("not_shipped", 1)
    assert shop.messages().keys() == {"429.json"}


def test_what_did_not_take_effect_is_decided_anew(shop: Shop) -> None:
    """The buyer cancelled in between: nothing is accepted."""
    shop.simulator.add(shop.sale())
    shop.simulator.fail_next("acceptsale", Fault.reset_before(), times=50)
    assert shop.sync().exit_code == 3
    shop.simulator.calm()
    shop.simulator.cancel_by_buyer("42901")
    assert shop.sync().exit_code == 0
    assert (shop.status(), shop.changed()) == ("cancelled", 0)


def test_a_cancellation_that_came_first_is_learnt_from_the_answer(shop: Shop) -> None:
    """Rakuten says that the item is gone: cancelled here too, and no error."""
    shop.simulator.add(shop.sale("429", "A-1", "A-2"))
    emptied = Fault.error_document("ParameterError", "x", "Current status : EMPTIED – Required status : REQUESTED")
    shop.simulator.fail_next("acceptsale", emptied, item_id="42901")
    assert shop.sync().exit_code == 0
    assert [str(item.status) for item in shop.order().items] == ["cancelled", "not_shipped"]


def test_a_marketplace_that_cannot_be_reached_loses_nothing(shop: Shop) -> None:
    """Exit 3, the address, and the next pass goes on."""
    shop.simulator.add(shop.sale())
    shop.simulator.close()
    result = shop.sync()
    assert result.exit_code == 3
    assert result.error is not None
    assert shop.connection.endpoint in result.error.message
    assert shop.pauses, "reads are tried again, with pauses"
    shop.simulator.start()
    assert shop.sync().exit_code == 0
    assert shop.codes(None) == ["marketplace_unreachable", "mended"]
    assert shop.messages().keys() == {"429.json"}


def test_orders_in_error_stay_in_error_when_the_pass_ends_early(shop: Shop) -> None:
    """What was not looked at is not mended."""
    shop.simulator.add(shop.sale("429", ""))
    shop.sync()
    shop.simulator.close()
    shop.sync()
    assert shop.reason() == "sku_missing"


def test_a_wrong_token_leaves_the_orders_untouched(shop: Shop) -> None:
    """The sentence says where the token is found; the next pass tries again."""
    shop.simulator.add(shop.sale())
    shop.sync()
    rows = shop.everything()
    result = shop.sync(token="wrong")
    assert result.exit_code == 1
    assert result.error is not None
    assert result.error.reason == "wrong_token"
    assert "Mes informations développeur" in result.error.hint
    assert [row for row in shop.everything() if "wrong_token" not in row] == rows
    account = shop.store.accounts.get("boutiquefr")
    assert account is not None
    assert account.error == result.error
    assert shop.sync().exit_code == 0


def test_an_account_without_rights_is_told_what_it_needs(shop: Shop) -> None:
    """A Professional account."""
    shop.simulator.professional = False
    result = shop.sync()
    assert result.exit_code == 1
    assert result.error is not None
    assert result.error.reason == "not_allowed"
    assert "Professional" in result.error.hint


def test_a_used_up_quota_stops_the_account_until_the_next_hour(shop: Shop) -> None:
    """Not one call before; then it goes on where it stopped."""
    shop.clock.pass_(minutes=20)
    shop.simulator.add(shop.sale("429", "A-1", "A-2"))
    shop.simulator.fail_next("acceptsale", Fault.quota(), item_id="42902")
    result = shop.sync()
    assert result.exit_code == 3
    assert result.error is not None
    assert (result.error.reason, "11:00" in result.error.message) == ("quota_exceeded", True)
    calls = len(shop.simulator.calls)
    shop.clock.pass_(minutes=39)
    assert shop.sync().exit_code == 3
    assert len(shop.simulator.calls) == calls
    shop.clock.pass_(minutes=1)
    assert shop.sync().exit_code == 0
    assert [shop.simulator.done("acceptsale", item_id) for item_id in ("42901", "42902")] == [1, 1]
    assert shop.messages().keys() == {"429.json"}


@pytest.mark.parametrize("seed", range(4))
def test_with_one_call_in_five_disturbed_all_ends_as_if_nothing_had_been(shop: Shop, seed: int) -> None:
    """Each item is accepted once and confirmed once, each order delivered once, whatever was lost on the way."""
    ids = [str(number) for number in range(500, 506)]
    shop.simulator.add(*(shop.sale(purchase_id, "A-1", "A-2") for purchase_id in ids))
    shop.simulator.disturb(0.2, seed, DISTURBANCES)
    for _ in range(3):
        shop.sync()
    for purchase_id in ids:
        shop.ship(purchase_id)
    for _ in range(3):
        shop.sync()
    shop.simulator.calm()
    for _ in range(2):
        shop.clock.pass_(hours=1)
        shop.sync()
    for purchase_id in ids:
        for number in ("01", "02"):
            item_id = purchase_id + number
            assert shop.simulator.done("acceptsale", item_id) == 1
            assert shop.simulator.done("settrackingpackageinfos", item_id) == 1
        assert (shop.status(purchase_id), shop.reason(purchase_id)) == ("shipped", None)
    assert shop.messages().keys() == {f"{purchase_id}.json" for purchase_id in ids}


@pytest.fixture
def project(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Configuration:
    """The shop as a project in a folder, its rules beside it."""
    monkeypatch.setenv("NOT_ASKED", shop.simulator.token)
    return Configuration(shop.folder / "rakuten-orders.yaml", (shop.connection,))


def test_rules_that_do_not_load_leave_the_last_valid_ones_in_force(shop: Shop, project: Configuration) -> None:
    """Across restarts, as they are in the store; the orders go on, and the result says why and where."""
    rules = shop.folder / "rules"
    rules.mkdir()
    path = rules / "order.yaml"
    path.write_text("kind: order\norder: {number: purchaseid}\nlines: {sku: sku}\n")
    shop.simulator.add(shop.sale())
    assert sync_connection(project, shop.connection, shop.store).exit_code == 0
    path.write_text("kind: order\nordr: {number: purchaseid}\nlines: {sku: sku}\n")
    shop.simulator.add(shop.sale("430"))
    result = sync_connection(project, shop.connection, shop.store)
    assert result.exit_code == 1
    assert result.rules_error is not None
    assert result.rules_error.reason == "rules_invalid"
    assert "order.yaml:2" in result.rules_error.message
    assert [found.code for found in result.diagnostics if found.severity == "error"] == ["unknown-key"]
    assert shop.messages()["430.json"]["order"]["number"] == "430"
    account = shop.store.accounts.get("boutiquefr")
    assert account is not None
    assert account.error == result.rules_error
    sync_connection(project, shop.connection, shop.store)
    assert shop.codes(None) == ["rules_invalid"], "told once, not each pass"
    path.write_text("kind: order\norder: {no: purchaseid}\nlines: {sku: sku}\n")
    shop.simulator.add(shop.sale("431"))
    assert sync_connection(project, shop.connection, shop.store).exit_code == 0
    assert shop.messages()["431.json"]["order"]["no"] == "431"
    assert shop.codes(None) == ["rules_invalid", "rules_changed", "mended"]


def test_a_fault_of_ours_in_reading_rules_leaves_the_last_valid_ones_in_force(
    shop: Shop, project: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The orders go on; the reason says that it is ours, and where; without rules, none go."""

    def fail(*_folders: object, **_more: object) -> NoReturn:
        raise KeyError("colissimo")

    shop.simulator.add(shop.sale())
    with monkeypatch.context() as patched:
        patched.setattr(passes, "load_engine", fail)
        result = sync_connection(project, shop.connection, shop.store)
    assert result.error is not None
    assert (result.exit_code, shop.simulator.calls) == (1, [])
    assert "no earlier set is stored" in result.error.message
    assert sync_connection(project, shop.connection, shop.store).exit_code == 0
    shop.simulator.add(shop.sale("430"))
    with monkeypatch.context() as patched:
        patched.setattr(passes, "load_engine", fail)
        result = sync_connection(project, shop.connection, shop.store)
    assert result.rules_error is not None
    assert result.rules_error.reason == "rules_invalid"
    assert "(KeyError in test_sync_faults.py:" in result.rules_error.message
    assert "fault of rakuten-orders" in result.rules_error.hint
    assert "430.json" in shop.messages()
    assert sync_connection(project, shop.connection, shop.store).rules_error is None


def test_rules_that_never_loaded_stop_the_account(shop: Shop, project: Configuration) -> None:
    """Nothing is asked of the marketplace, and nothing accepted."""
    (shop.folder / "rules").mkdir()
    (shop.folder / "rules/order.yaml").write_text("kind: order\n")
    result = sync_connection(project, shop.connection, shop.store)
    assert (result.exit_code, shop.simulator.calls) == (1, [])
    assert result.error is not None
    assert result.error == result.rules_error
    assert "no earlier set" in result.error.message


def test_a_quota_of_one_account_does_not_hold_up_another(shop: Shop) -> None:
    """Each account has its own row, lease and quota."""
    shop.simulator.fail_next("getnewsales", Fault.quota())
    shop.sync()
    other = replace(shop.connection, label="other", login="autre")
    shop.simulator.login = "autre"
    assert shop.sync(connection=other).exit_code == 0
    account = shop.store.accounts.get("boutiquefr")
    assert account is not None
    assert account.quota_until == shop.clock().replace(minute=0) + dt.timedelta(hours=1)
