"""Every sentence for people: what the code says exists and is complete, and examples show what they say."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders import messages
from rakuten_orders.messages import explanation, finding, reason_text
from rakuten_orders.schemas import FORMS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "engine" / "rakuten_orders"
CATALOGUE: dict[str, dict[str, Any]] = yaml.safe_load((PACKAGE / "messages" / "en.yaml").read_text(encoding="utf-8"))

CODES_OF_THE_CONTRACT = [
    "unknown-key",
    "duplicate-key",
    "missing-key",
    "wrong-type",
    "ambiguous-scalar",
    "yaml-syntax",
    "unknown-variable",
    "template-not-allowed",
    "host-not-literal",
    "example-mismatch",
    "name-collision",
    "host-collision",
    "unknown-carrier",
    "unknown-path",
    "unknown-table",
    "bad-pattern",
]
REASONS_OF_THE_CONTRACT = [
    "sku_missing",
    "sku_not_found",
    "mapping_failed",
    "unsupported_transporter",
    "missing_transporter",
    "missing_tracking_number",
    "missing_input",
    "invalid_tracking_number",
    "url_invalid",
    "already_shipped",
    "item_cancelled",
    "item_in_claim",
    "unknown_order",
    "not_accepted_in_time",
    "wrong_token",
    "not_allowed",
    "quota_exceeded",
    "marketplace_refused",
    "marketplace_unreachable",
    "backend_refused",
    "backend_unreachable",
    "rules_invalid",
]

ENTRIES = [(section, key) for section in ("codes", "reasons") for key in CATALOGUE[section]]


def sentences(entry: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Variant, message and hint of each way to say it; a variant without a hint has the entry's."""
    yield "", entry["message"], entry.get("hint", "")
    for variant, own in entry.get("variants", {}).items():
        yield variant, own["message"], own.get("hint", entry.get("hint", ""))


def parameters(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


class TestCatalogue:
    """The catalogue is complete and of one form."""

    def test_it_has_what_the_contract_names(self) -> None:
        """Every code and every reason; the reasons are exactly those."""
        assert set(CODES_OF_THE_CONTRACT) <= set(messages.codes())
        assert set(messages.reasons()) == set(REASONS_OF_THE_CONTRACT)

    @pytest.mark.parametrize(("section", "key"), ENTRIES)
    def test_an_entry_is_complete(self, section: str, key: str) -> None:
        """What it means and how to mend it, in sentences; a severity where it is a code."""
        entry = CATALOGUE[section][key]
        known = {"message", "hint", "variants", "meaning", "mend"} | (
            {"severity", "why", "wrong", "right"} if section == "codes" else set()
        )
        assert set(entry) <= known
        assert entry["message"]
        assert entry["hint"]
        assert entry["meaning"].rstrip().endswith(".")
        assert entry["mend"].rstrip().endswith((".", ")."))
        assert section == "reasons" or {"why", "wrong", "right"} <= set(entry)
        form, severities = (
            (r"[a-z0-9]+(-[a-z0-9]+)*", ("error", "warning", "information"))
            if section == "codes"
            else (r"[a-z]+(_[a-z]+)*", (None,))
        )
        assert re.fullmatch(form, key)
        assert entry.get("severity") in severities

    @pytest.mark.parametrize(("section", "key"), ENTRIES)
    def test_sentences_are_well_formed(self, section: str, key: str) -> None:
        """One line each, without an end that would clash with what is put around them; parameters are plain names."""
        for _variant, message, hint in sentences(CATALOGUE[section][key]):
            assert "\n" not in message
            assert not message.endswith((".", "!"))
            for text in (message, hint):
                assert text == text.strip()
                assert all(re.fullmatch("[a-z_]+", name) for name in parameters(text)), text
                parsed = string.Formatter().parse(text)
                assert all(not spec and not conversion for _literal, _name, spec, conversion in parsed)

    def test_explanations(self) -> None:
        """Codes and reasons are found by name, nothing else is."""
        for section, key in ENTRIES:
            found = explanation(key)
            assert found is not None
            assert (found.code, found.kind) == (key, section.removesuffix("s"))
            assert found.meaning
            assert found.mend
        assert explanation("nothing") is None
        assert explanation("") is None


class TestParameters:
    """What is put into a sentence cannot break it."""

    def test_braces_in_values_are_values(self) -> None:
        """A value is never a template."""
        found = finding("unknown-key", "f", 1, 1, "list", name="{x}", known="{0}")
        assert "{x}" in found.message
        assert "{0}" in found.hint

    def test_values_are_shown_on_one_line(self) -> None:
        """Control characters, which a terminal would act upon, are not."""
        message, _ = reason_text("unsupported_transporter", transporter="a\nb\x1b[31m\x9b\ud800\u2028c")
        assert 'transporter "a b\ufffd[31m\ufffd\ufffd c"' in message

    def test_long_values_are_shown_by_their_beginning(self) -> None:
        """A URL as long as may be sent is whole."""
        message, _ = reason_text("unsupported_transporter", transporter="x" * 1_000_000)
        assert len(message) < 200
        assert "x" * 2000 in reason_text("unsupported_transporter", transporter="x" * 2000)[0]

    @given(st.text())
    def test_any_value(self, value: str) -> None:
        """Whatever the value, the sentence can be printed."""
        found = finding("wrong-value", "f", 1, 1, "nearest", name=value, value=value, known=value, nearest=value)
        assert (found.message + found.hint).isprintable() or "\u00a0" in value or not value.isprintable()
        (found.message + found.hint).encode()

    @pytest.mark.parametrize("call", [("nothing", ""), ("unknown-key", "nothing"), ("unknown-key", "")])
    def test_what_the_catalogue_does_not_know_is_a_fault_of_ours(self, call: tuple[str, str]) -> None:
        """Code, variant and parameters."""
        with pytest.raises(KeyError):
            finding(call[0], "f", 1, 1, call[1])


# ---- What the code says ----

SECTION_OF = {"finding": "codes", "reason_text": "reasons"}


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def strings(node: ast.AST | None) -> set[str] | None:
    """The texts that an expression can be, where it says so itself; None where it does not."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        parts = [strings(node.body), strings(node.orelse)]
        return None if None in parts else set().union(*(part for part in parts if part))
    return None


def assigned(name: str, inside: ast.AST, line: int) -> set[str] | None:
    """The texts that a local name can be at a line, where the last assignment above says so."""
    above = [
        node
        for node in ast.walk(inside)
        if isinstance(node, (ast.Assign, ast.NamedExpr)) and node.lineno <= line
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id == name
    ]
    return strings(max(above, key=lambda node: node.lineno).value) if above else None


def calls() -> Iterator[tuple[str, str, set[str] | None, set[str] | None, str]]:
    """Section, code, variants and parameters (None: not to be told from the call) and place of every use."""
    for path, tree in trees().items():
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for function in functions:
            for node in ast.walk(function):
                if isinstance(node, ast.Call):
                    yield from uses(node, function, f"{path.relative_to(PACKAGE)}:{node.lineno}")


def uses(
    node: ast.Call, function: ast.FunctionDef, place: str
) -> Iterator[tuple[str, str, set[str] | None, set[str] | None, str]]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    section = SECTION_OF.get(name)
    if section is None or not node.args:
        return
    # The variant comes behind a path, behind file, line and column, or behind the reason.
    at = {("finding", True): 2, ("finding", False): 4}.get((name, isinstance(node.func, ast.Attribute)), 1)
    if any(isinstance(arg, ast.Starred) for arg in node.args[:at]):
        at = min(len(node.args), 3)
    variant = node.args[at] if len(node.args) > at else ast.Constant("")
    variants = strings(variant)
    if variants is None and isinstance(variant, ast.Name):
        variants = assigned(variant.id, function, node.lineno)
    keywords = {keyword.arg for keyword in node.keywords if keyword.arg} - {"at_key"}
    given_all = all(keyword.arg for keyword in node.keywords)
    for code in strings(node.args[0]) or ():
        yield section, code, variants, keywords if given_all else None, place


class TestTheCodesWords:
    """What the code says is in the catalogue, and nothing there is said by nobody."""

    def test_every_use_is_in_the_catalogue(self) -> None:
        """Code, each variant, and every parameter that its sentences need."""
        found = list(calls())
        assert len(found) > 100
        for section, code, variants, given_parameters, place in found:
            assert code in CATALOGUE[section], place
            entry = CATALOGUE[section][code]
            said = {variant: (message, hint) for variant, message, hint in sentences(entry)}
            for variant in variants or ():
                assert variant in said, (place, code, variant)
                if given_parameters is not None:
                    needed = parameters(said[variant][0]) | parameters(said[variant][1])
                    assert needed <= given_parameters, (place, code, variant)

    def test_every_entry_is_said_somewhere(self) -> None:
        """A code, a reason or a variant that no module mentions is of no use."""
        texts = {
            node.value
            for tree in trees().values()
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        # What is put together of parts: "given_" and a fault of a URL, "http_" and one of a connection.
        composed = {f"given_{fault}" for fault in ("long", "characters", "absolute")}
        composed |= {f"{kind}_meant" for kind in FORMS}
        composed |= {f"http_{fault}" for fault in ("timed_out", "broken")}
        for section, key in ENTRIES:
            assert key in texts, key
            unsaid = set(CATALOGUE[section][key].get("variants", {})) - texts - composed
            assert not unsaid, (key, unsaid)

    def test_every_mending_is_said_somewhere(self) -> None:
        """And each that is said is in the catalogue, with the parameters that it needs."""
        said = {
            node.args[0].value: {keyword.arg for keyword in node.keywords}
            for tree in trees().values()
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "mending_text"
            if isinstance(node.args[0], ast.Constant)
        }
        assert said == {name: parameters(entry["message"]) for name, entry in CATALOGUE["mendings"].items()}
