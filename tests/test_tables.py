"""Lookup tables: CSV as spreadsheets write it, what is refused and where, near misses, mappings handed in."""

import codecs
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rakuten_orders import tables
from rakuten_orders.tables import Table, given_table, read_table


def read(data):
    """Entries, and findings as line, column, code."""
    table, findings = read_table("tables/t.csv", "t", data if isinstance(data, bytes) else data.encode())
    return table and dict(table.entries), [(found.line, found.column, found.code) for found in findings]


def message(data):
    _table, (found, *_rest) = read_table("tables/t.csv", "t", data if isinstance(data, bytes) else data.encode())
    return found.message


@pytest.mark.parametrize(
    "data",
    [
        "key,value\n0017,4711\nA 1,x\n",
        "key;value\n0017;4711\nA 1;x\n",
        "key\tvalue\n0017\t4711\nA 1\tx\n",
        "key,value\r\n0017,4711\r\nA 1,x\r\n",
        "key,value\r0017,4711\rA 1,x",
        "\ufeffkey,value\n0017,4711\n\n  ,\nA 1,x",
        '"key","value"\n"0017","4711"\n"A 1","x"\n',
        " key , value \n  0017  ,\t4711\n A 1 ,x \n",
    ],
)
def test_the_ways_in_which_programs_write_a_table(data):
    """Commas, semicolons and tabs, every line end, a byte order mark, quotes, blanks and blank lines."""
    assert read(data) == ({"0017": "4711", "A 1": "x"}, [])


def test_cells_keep_what_is_in_them():
    """Separators and line breaks in quotes, doubled quotes, accents and zeros in front stay."""
    data = 'key,value\n"a,b","x\ny"\né;,"19"" rack"\n007,\nA,"key,value"\n'
    assert read(data) == ({"a,b": "x\ny", "é;": '19" rack', "007": "", "A": "key,value"}, [])


def test_keys_are_compared_exactly():
    """Keys that differ by zeros, case or spaces inside are different keys."""
    assert read("key,value\n17,a\n0017,b\nab,c\nAB,d\na b,e\n")[0] == {
        "17": "a",
        "0017": "b",
        "ab": "c",
        "AB": "d",
        "a b": "e",
    }


@pytest.mark.parametrize(
    "data",
    ["", "\n", "  ", "value,key\n", "Key,Value\n", "key value\n", "key|value\n", "sku,id\n1,2\n", "\nkey,value\n"],
)
def test_the_first_line_is_the_header(data):
    """Anything else in the first line is no table, said at its beginning."""
    assert read(data) == (None, [(1, 1, "bad-table")])


@pytest.mark.parametrize(
    ("data", "places"),
    [
        ("key,value\na\n", [(2, 1, "bad-table")]),
        ("key,value\na,b,c\n,x\nd,e\n", [(2, 1, "bad-table"), (3, 1, "bad-table")]),
        ("key,value\na,b\n\n\na,c\n", [(5, 1, "duplicate-key")]),
        ('key,value\n"a\nb",1\n" a\nb ",2\n', [(4, 1, "duplicate-key")]),
        ('key,value\n1,"23E+12\n', [(2, 1, "bad-table")]),
        ('key,value\na,b\n"x" y,1\nc,d\n', [(3, 1, "bad-table")]),
        (
            "key;value\n1,23E+12;a\nb;1.2e+05\nc;-3E+9\n",
            [(2, 1, "bad-table"), (3, 1, "bad-table"), (4, 1, "bad-table")],
        ),
        ("key,value\na,1E12\nb,E+1\nc,x1E+12\n", []),
    ],
)
def test_every_wrong_line_is_found_at_its_place(data, places):
    """All of them at once, each with the line that it begins in; a table with one does not load."""
    entries, found = read(data)
    assert found == places
    assert (entries is None) == bool(places)


def test_a_repeated_key_names_the_first_line():
    """One sees which key it is, and where the other one stands."""
    assert message("key,value\nb,1\na,b\na,c\n") == '"a" stands here a second time; the first is in line 3'


def test_other_encodings_are_told():
    """Windows-1252 with the letter that it was, UTF-16 as what it is, at the byte's place."""
    assert read("key,value\nab,xé\n".encode("cp1252")) == (None, [(2, 5, "not-utf8")])
    _table, (found,) = read_table("t.csv", "t", codecs.BOM_UTF8 + "key,value\nab,xé\n".encode("cp1252"))
    assert (found.line, found.column) == (2, 5)
    assert "é" in found.hint
    assert "UTF-16" in message("key,value\n".encode("utf-16"))


def test_a_table_without_entries_is_one():
    """A header alone is an empty table."""
    assert read("key,value\n") == ({}, [])


def test_what_is_too_large_is_not_read(monkeypatch):
    """A file beyond the limit is one finding."""
    monkeypatch.setattr(tables, "MAX_TABLE_BYTES", 16)
    assert read("key,value\n" + "a,b\n" * 9) == (None, [(1, 1, "file-too-large")])


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"key,value\n{text}".encode("utf-8", "replace"))
)
def test_any_bytes_give_a_table_or_findings(data):
    """Never a traceback; a table or at least one error, and places inside the file."""
    table, findings = read_table("t.csv", "t", data)
    assert (table is None) == bool(findings)
    assert all(found.severity == "error" for found in findings)
    assert all(1 <= found.line <= 1 + data.count(b"\n") + data.count(b"\r") for found in findings)


cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8).map(str.strip)


@given(st.dictionaries(cells.filter(bool), cells))
def test_a_mapping_and_its_file_are_one_table(entries):
    """What is written to CSV by the book reads back to the table that the mapping makes."""
    handed, findings = given_table("t", entries)
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([("key", "value"), *entries.items()])
    read_back, _findings = read_table("t.csv", "t", out.getvalue().encode())
    assert read_back == handed
    assert handed is None or handed.entries == entries
    assert (handed is None) == bool(findings)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"0017": 4711}, "'0017'"),
        ({17: "4711"}, "17"),
        ({"": "x"}, "no key"),
        ({" ": "x"}, "no key"),
        ({"1": "1,23E+12"}, "1,23E+12"),
        ({"1": "a", " 1": "b"}, "the key 1"),
        ({...}, "set"),
        (None, "NoneType"),
        ([("1", "2")], "list"),
    ],
)
def test_a_mapping_that_is_no_table_is_refused(entries, said):
    """Text to text, under the same conditions as a file; the finding names the table and what is wrong."""
    table, (found,) = given_table("products", entries)
    assert table is None
    assert (found.file, found.line, found.column, found.code) == ("tables[products]", 1, 1, "bad-table")
    assert said in found.message


def test_a_mapping_is_copied():
    """What the caller does to the mapping afterwards changes nothing."""
    entries = {" 1 ": " a "}
    table, _findings = given_table("t", entries)
    entries["2"] = "b"
    assert table.entries == {"1": "a"}


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("17", ("0017", "017")),
        ("00 17", ("0017", "017")),
        ("ab1", ("AB1", "A b 1")),
        ("0ab1", ("AB1", "A b 1")),
        ("000", ("0",)),
        ("straße", ("STRASSE",)),
        ("18", ()),
        ("AB-1", ()),
    ],
)
def test_near_misses_differ_by_zeros_case_or_spaces(key, near):
    """Nothing else is near, in the order of the table."""
    keys = ("0017", "017", "AB1", "A b 1", "0", "STRASSE", "AB2")
    assert Table("t", dict.fromkeys(keys, "x")).near(key) == near


def test_at_most_three_near_misses_are_named():
    """A person looks at a few, not at a page."""
    assert len(Table("t", {f"{'0' * zeros}1": "x" for zeros in range(1, 9)}).near("1")) == 3
