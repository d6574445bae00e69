"""What is not in the template language, in words: Jinja's complaints and its nodes."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import nodes

COMPLAINTS = (
    (r"got '='$", "equals"),
    (r"expected token 'end of statement block', got 'if'", "else_if"),
    (r"Expected an expression, got 'end of", "empty"),
    (r"unexpected '[{}]'|expected token ':', got '}'|unexpected '}}'", "brace"),
    (r"expected token 'end of print statement'", "words"),
    (r"[Uu]nexpected end of template|unexpected end of", "end"),
    (r"unknown tag|Unexpected '?end|expected token 'end of statement block'", "tag"),
)
"""What Jinja says of a template that it cannot read, and the variant of ``template-syntax`` that explains it."""

NODE_NAMES: Mapping[type[nodes.Node], tuple[str, str]] = {
    nodes.Getattr: ("a dot", "."),
    nodes.Getitem: ("square brackets", "["),
    nodes.Call: ("a call", "("),
    nodes.Add: ("arithmetic", "+"),
    nodes.Sub: ("arithmetic", "-"),
    nodes.Mul: ("arithmetic", "*"),
    nodes.Div: ("arithmetic", "/"),
    nodes.FloorDiv: ("arithmetic", "//"),
    nodes.Mod: ("arithmetic", "%"),
    nodes.Pow: ("arithmetic", "**"),
    nodes.Neg: ("arithmetic", "-"),
    nodes.Pos: ("arithmetic", "+"),
    nodes.Concat: ("joining with ~", "~"),
    nodes.And: ("and outside of if", "and"),
    nodes.Or: ("or outside of if", "or"),
    nodes.Not: ("not outside of if", "not"),
    nodes.Compare: ("comparing outside of if", ""),
    nodes.For: ("a loop", "for"),
    nodes.Assign: ("{% set %}", "set"),
    nodes.AssignBlock: ("{% set %}", "set"),
    nodes.Macro: ("{% macro %}", "macro"),
    nodes.CallBlock: ("{% call %}", "call"),
    nodes.FilterBlock: ("{% filter %}", "filter"),
    nodes.With: ("{% with %}", "with"),
    nodes.Block: ("{% block %}", "block"),
    nodes.Extends: ("{% extends %}", "extends"),
    nodes.Include: ("{% include %}", "include"),
    nodes.Import: ("{% import %}", "import"),
    nodes.FromImport: ("{% from %}", "from"),
    nodes.Scope: ("{% autoescape %}", "autoescape"),
    nodes.CondExpr: ("an if inside {{ }}", "if"),
    nodes.Test: ("a test with is", "is"),
    nodes.Filter: ("a filter inside if", "|"),
    nodes.Const: ("a constant", ""),
    nodes.TemplateData: ("a constant", ""),
    nodes.List: ("a list", "["),
    nodes.Tuple: ("a list", ""),
    nodes.Dict: ("braces inside {{ }}", "{"),
    nodes.Slice: ("square brackets", "["),
}
"""What each kind of node is called, and the token that shows where it stands."""
