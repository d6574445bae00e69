"""The code of one function of ``generated``: for each field what it needs, in the order of its keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rakuten_orders.conditions import Condition, FieldTests, Group, Not
from rakuten_orders.fields import Field, FieldLevel
from rakuten_orders.generated_dates import from_iso
from rakuten_orders.generated_names import Names
from rakuten_orders.paths import Source, resolve
from rakuten_orders.tables import Table
from rakuten_orders.templates import Template, literal_parts
from rakuten_orders.transforms import TRANSFORMS, TYPES, DateReader, DatetimeReader


@dataclass(frozen=True, slots=True)
class _Text:
    """An expression for a text that is empty where nothing is there.

    ``clean``: it has no blanks around it, so that it is never blank without being empty.
    """

    code: str
    clean: bool


_Key = tuple[object, ...]
"""What a text is made of: its paths, or its template and their paths, and its transforms."""

_DEEPEST = 8
"""Calls or groups within each other that are written as one expression: Python's parser has a limit."""

# What a transform is in code; which leave a text clean, and which make it so.
_STRIP, _COLLAPSE = TRANSFORMS["strip"], TRANSFORMS["collapse_spaces"]
_IN_CODE: Mapping[Callable[[str], str], str] = {
    _STRIP: "{}.strip()",
    TRANSFORMS["upper"]: "{}.upper()",
    TRANSFORMS["lower"]: "{}.lower()",
    _COLLAPSE: "' '.join({}.split())",
}
_KEEPS_CLEAN = frozenset({TRANSFORMS["upper"], TRANSFORMS["lower"]})
_CLEANS = frozenset({_STRIP, _COLLAPSE, TRANSFORMS["digits"], TRANSFORMS["first_of_list"]})

_WORDS = {function: word for word, function in TRANSFORMS.items()}
_TEXT, _DECIMAL, _BOOLEAN = (TYPES[word](None, None) for word in ("text", "decimal", "boolean"))


class Function:
    """Writes one function, field after field."""

    def __init__(self, names: Names, name: str, parameters: tuple[str, ...]) -> None:
        self._names = names
        self._head = f"def {name}({', '.join(parameters)}):"
        self._level: FieldLevel = "order" if name == "order" else "lines"
        self._lines: list[str] = []
        self._indent = "    "
        self._locals: dict[_Key, _Text] = {}  # texts that have a name where the code now stands
        self._wanted: Counter[_Key] = Counter()  # how many fields begin with a text

    def source(self, fields: Sequence[Field]) -> str:
        """The function's source."""
        self._wanted.update(_wanted(fields))
        values = [(field.name, self._field(field)) for field in fields]
        self._write("return {")
        for name, code in values:
            self._write(f"    {name!r}: {code},")
        self._write("}")
        return "\n".join((self._head, *self._lines)) + "\n"

    def _field(self, field: Field) -> str:
        """Writes what a field needs; returns the expression of its value."""
        self._write(f"# {ascii(field.name)[1:-1]}: {ascii(field.file)[1:-1]}:{field.line}")
        name = self._names.fresh(field.name)
        if field.when is None:
            return self._value(field, name)
        with self._block(f"if {self._condition(field.when)}:"):
            code = self._value(field, name)
            if code != name:
                self._write(f"{name} = {code}")
        with self._block("else:"):
            self._write(f"{name} = None")
        return name

    def _value(self, field: Field, name: str) -> str:
        if field.constant is not None and field.table is None:
            constant = _transformed(field.transforms, field.constant)
            return self._literal(field, name, constant) if constant.strip() else self._missing(field, name)
        text = self._text(field, name)
        if field.table is not None:
            text = self._looked_up(field, field.table, text, name)
        if field.read is _TEXT:
            return self._text_or_missing(field, text, name)
        if not text.code.isidentifier():
            text = self._assign(self._names.fresh(f"{name}_text"), text)
        if self._fails(field):
            with self._block(f"if {_blank(text)}:"):
                self._write("raise Unusual")
            self._typed(field, text.code, name)
            return name
        with self._block(f"if {_blank(text)}:"):
            self._write(f"{name} = {self._missing(field, name)}")
        with self._block("else:"):
            self._typed(field, text.code, name)
        return name

    def _text_or_missing(self, field: Field, text: _Text, name: str) -> str:
        if text.clean and (not field.required or (field.default or "").strip()):
            return self._assign(name, _Text(f"{text.code} or {self._missing(field, name)}", clean=True)).code
        if text.code != name:
            text = self._assign(name, text)
        with self._block(f"if {_blank(text)}:"):
            self._write("raise Unusual" if self._fails(field) else f"{name} = {self._missing(field, name)}")
        return name

    # ---- texts ----

    def _text(self, field: Field, name: str) -> _Text:
        """The text of ``from`` or ``template``, transformed."""
        if field.constant is not None:
            constant = _transformed(field.transforms, field.constant)
            return _Text(repr(constant), clean=constant == constant.strip())
        transforms = _needed(field.transforms)
        key = _key(field)
        if key in self._locals:
            return self._locals[key]
        bare = transforms[:1] == (_COLLAPSE,)
        if field.template is not None:
            text = self._rendered(field, field.template, name, bare=bare)
        elif bare and len(field.sources) == 1 and (field.sources, ()) not in self._locals:
            text = _Text(_element(field.sources[0], stripped=False), clean=False)
        else:
            text = self._first(field.sources)
        for place, transform in enumerate(transforms):
            code = _IN_CODE.get(transform) or f"{self._names.bind(_WORDS[transform], transform)}({{}})"
            clean = transform in _CLEANS or (transform in _KEEPS_CLEAN and text.clean)
            text = _Text(code.format(text.code), clean)
            if place % _DEEPEST == _DEEPEST - 1:
                text = self._assign(self._names.fresh(f"{name}_text"), text)
        return self._shared(key, text, f"{name}_text")

    def _first(self, sources: Sequence[Source]) -> _Text:
        """The first of the paths where something is."""
        if not sources:
            return _Text("''", clean=True)
        first, *others = sources
        begin = self._shared(((first,), ()), self._element(first), f"{first.scope}_{first.key.rpartition('.')[2]}")
        parts = [begin, *map(self._element, others)]
        return _Text(f"({' or '.join(part.code for part in parts)})", clean=True) if others else begin

    def _element(self, source: Source) -> _Text:
        return self._locals.get(((source,), ())) or _Text(_element(source, stripped=True), clean=True)

    def _rendered(self, field: Field, template: Template, name: str, *, bare: bool) -> _Text:
        """A template's text: as a format where it is nothing but names and literal text."""
        parts = {key: self._first(sources).code for key, sources in field.names.items()}
        literal = literal_parts(template.source)
        if literal is None:
            renderer = self._names.bind(f"{name}_template", template.render)
            values = ", ".join(f"{key!r}: {code}" for key, code in parts.items())
            return _Text(f"{renderer}({{{values}}}, encode=False).strip()", clean=True)
        shown = "".join("%s" if is_name else text.replace("%", "%%") for is_name, text in literal)
        values = "".join(f"{parts[text]}, " for is_name, text in literal if is_name)
        return _Text(f"({shown!r} % ({values}))" + ("" if bare else ".strip()"), clean=not bare)

    def _shared(self, key: _Key, text: _Text, name: str) -> _Text:
        """``text`` under a name of its own where several fields begin with it."""
        if self._wanted[key] < 2 or text.code.isidentifier():
            return text
        shared = self._assign(self._names.fresh(name), text)
        self._locals[key] = shared
        return shared

    def _looked_up(self, field: Field, table: Table, text: _Text, name: str) -> _Text:
        """The table's value for a text. A key that it lacks is missing, kept, or not for this code."""
        key = text
        if not key.code.isidentifier():
            key = self._assign(self._names.fresh(f"{name}_key"), text)
        lookup = self._names.bind(f"table_{table.name}", table.entries.get)
        stripped = key.code if key.clean else f"{key.code}.strip()"
        found = f"{lookup}({stripped})"
        if "" in table.entries:
            found = f"({found} if {stripped} else None)"
        clean = not any(map(str.isspace, table.entries.values()))
        if field.default is not None:
            return _Text(found, clean)
        value = self._assign(name, _Text(found, clean))
        with self._block(f"if {name} is None:" if field.keep else f"if {name} is None and {stripped}:"):
            self._write(f"{name} = {key.code}" if field.keep else "raise Unusual")
        return _Text(value.code, clean and (key.clean or not field.keep))

    # ---- values ----

    def _typed(self, field: Field, text: str, name: str) -> None:
        """Writes the reading of a text that is there."""
        iso = from_iso(field.read, text) if isinstance(field.read, (DateReader, DatetimeReader)) else None
        if field.read is _DECIMAL:
            with self._block(f"if not is_decimal({text}):"):
                self._write("raise Unusual")
            self._write(f"{name} = Decimal({text})")
        elif field.read is _BOOLEAN:
            self._write(f"{name} = truth({text}.lower())")
            with self._block(f"if {name} is None:"):
                self._write("raise Unusual")
        elif iso is not None:
            zone = self._names.bind(f"{name}_zone", field.read.zone) if isinstance(field.read, DatetimeReader) else ""
            with self._block(f"if {self._names.bind(f'{name}_form', iso.form)}({text}):"):
                self._write(f"{name} = {iso.code}" + (f".replace(tzinfo={zone})" if zone else ""))
            with self._block("else:"):
                self._write(f"{name} = {self._names.bind(f'read_{name}', field.read)}({text})")
        else:
            self._write(f"{name} = {self._names.bind(f'read_{name}', field.read)}({text})")

    def _fails(self, field: Field) -> bool:
        """Whether a missing value is always an error."""
        return field.required and not (field.default or "").strip() and not field.after_acceptance_only

    def _missing(self, field: Field, name: str) -> str:
        """The expression for the value of a field whose text is missing; writes what has to come before."""
        default = field.default or ""
        if default.strip():
            return self._literal(field, name, default)
        if self._fails(field):
            self._write("raise Unusual")
        elif field.required:
            with self._block("if accepted:"):
                self._write("raise Unusual")
        return "None"

    def _literal(self, field: Field, name: str, text: str) -> str:
        """The expression for the value of a text that the rule gives."""
        try:
            value = field.read(text)
        except ValueError:
            self._write("raise Unusual")
            return "None"
        return repr(value) if isinstance(value, (str, bool, int)) else self._names.bind(f"{name}_given", value)

    # ---- conditions ----

    def _condition(self, condition: Condition, depth: int = 0) -> str:
        if depth > _DEEPEST:
            item, billing = ("item", "billing") if self._level == "lines" else ("{}", "{}")
            seen = f"View(sale, {item}, shipping, {billing}).lookup({self._level!r})"
            return f"{self._names.bind('when', condition)}({seen})"
        if isinstance(condition, Not):
            return f"not ({self._condition(condition.part, depth + 1)})"
        if isinstance(condition, Group):
            parts = [f"({self._condition(part, depth + 1)})" for part in condition.parts]
            return f" {'or' if condition.word == 'any' else 'and'} ".join(parts) or repr(condition.word == "all")
        return self._tests(condition)

    def _tests(self, condition: FieldTests) -> str:
        text = self._element(resolve(condition.field, self._level)).code
        return " and ".join(self._test(word, test, text) for word, test in condition.tests) or "True"

    def _test(self, word: str, test: Callable[[str | None], bool], text: str) -> str:
        if word in ("is_empty", "is_not_empty"):
            return f"not {text}" if word == "is_empty" else text
        return f"{self._names.bind(word, test)}({text} or None)"

    # ---- lines of code ----

    def _assign(self, name: str, text: _Text) -> _Text:
        self._write(f"{name} = {text.code}")
        return _Text(name, text.clean)

    def _write(self, line: str) -> None:
        self._lines.append(f"{self._indent}{line}")

    @contextmanager
    def _block(self, head: str) -> Iterator[None]:
        """What is written within stands below ``head``; the names that it gives to texts hold only there."""
        self._write(head)
        known, indent = dict(self._locals), self._indent
        self._indent += "    "
        yield
        self._locals, self._indent = known, indent


def _element(source: Source, *, stripped: bool) -> str:
    """The text at a path."""
    return f"{source.scope}.get({source.key!r}, ''){'.strip()' if stripped else ''}"


def _blank(text: _Text) -> str:
    """The test whether nothing is there."""
    return f"not {text.code}" if text.clean else f"not {text.code} or {text.code}.isspace()"


def _needed(transforms: Iterable[Callable[[str], str]]) -> tuple[Callable[[str], str], ...]:
    """The transforms without ``strip`` at the beginning: nothing that is read has blanks around it."""
    rest = list(transforms)
    while rest[:1] == [_STRIP]:
        del rest[0]
    return tuple(rest)


def _transformed(transforms: Iterable[Callable[[str], str]], text: str) -> str:
    for transform in transforms:
        text = transform(text)
    return text


def _key(field: Field) -> _Key:
    """What the field's text is made of."""
    if field.template is not None:
        return (field.template.source, *field.names.items(), _needed(field.transforms))
    return (field.sources, _needed(field.transforms))


def _wanted(fields: Sequence[Field]) -> Iterator[_Key]:
    """The texts that the code reads in any case, each as often as it is the beginning of something else."""
    begins: dict[_Key, set[_Key]] = {}
    for field in fields:
        if field.when is None and field.constant is None:
            yield _key(field)
            read = [field.sources] if field.template is None else list(field.names.values())
            begins[_key(field)] = {(sources[:1], ()) for sources in read}
    for key, starts in begins.items():
        yield from starts - {key}
