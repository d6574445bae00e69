"""Element trees to Rakuten's bytes: ISO-8859-1 by declaration, in truth cp1252, values in CDATA or not.

Written as text on purpose: an XML library would neither leave control characters in CDATA nor write
cp1252 under an ISO-8859-1 declaration, and Rakuten does both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

Node = tuple[str, "str | list[Node]"]
"""An element: its name, and its text or its children."""

DECLARATION = '<?xml version="1.0" encoding="ISO-8859-1"?>\n\n\n\n'
STANDALONE_DECLARATION = '<?xml version="1.0" encoding="ISO-8859-1" standalone="no"?>\n\n\n\n\n'

_ERROR_NAMESPACE = "https://static.fr.shopping.rakuten.com/res/schema/error"
_IN_CDATA = frozenset(
    {
        *("purchasebuyerlogin", "lastname", "firstname", "id", "name", "address", "address1", "address2", "city"),
        *("state", "country", "contractlevel", "sku", "headline", "itemstatus", "negotiationcomment", "paymentstatus"),
        *("prepaidlabelurl", "trackingurl", "category", "comment"),
        *("itemstatelabel", "claimcomment", "object", "content", "description", "complement"),
    }
)
"""Elements seen in CDATA in samples; all others are escaped."""


def document(root: str, namespace: str, declaration: str, children: list[Node]) -> bytes:
    """A whole answer. ``declaration`` may be empty, as it is for several actions (seen in samples)."""
    schema = f' xmlns="{namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"' if namespace else ""
    return encoded(f"{declaration}<{root}{schema}>\n{rendered(children)}</{root}>\n")


def error_document(type_: str, code: str, message: str, details: Iterable[str]) -> bytes:
    """An ``<errorresponse>``; it has no XML declaration (seen in samples)."""
    lines = "".join(f"<detail>\n<![CDATA[ {_cdata_text(detail)} ]]>\n</detail>\n" for detail in details)
    body = (
        f'<errorresponse xmlns="{_ERROR_NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        f"<error>\n<type>{escape(type_)}</type>\n<code>{escape(code)}</code>\n<message>{escape(message)}</message>\n"
        f"<details>\n{lines}</details>\n</error>\n</errorresponse>\n"
    )
    return encoded(body)


def rendered(nodes: Iterable[Node]) -> str:
    """Elements one below the other, with the blank lines between blocks that Rakuten's templates leave."""
    parts = []
    for name, content in nodes:
        if isinstance(content, list):
            parts.append(f"\n<{name}>\n{rendered(content)}</{name}>\n")
        elif name in _IN_CDATA:
            parts.append(f"<{name}><![CDATA[{_cdata_text(content)}]]></{name}>\n")
        else:
            parts.append(f"<{name}>{escape(content)}</{name}>\n")
    return "".join(parts)


def encoded(text: str) -> bytes:
    """The text in cp1252, which is what Rakuten's ISO-8859-1 is; what it lacks becomes ``?`` (inferred)."""
    return text.encode("cp1252", errors="replace")


def tree(fields: Mapping[str, str], order: Iterable[str]) -> list[Node]:
    """Flat paths as nested elements.

    The paths of ``order`` come first and in its order, empty where ``fields`` has no text for them, since
    Rakuten writes its empty elements too; paths that ``order`` does not know follow at their parent's end.
    """
    branches: dict[str, object] = {}
    for path in (*order, *fields):
        *parents, leaf = path.split(".")
        branch = branches
        for parent in parents:
            child = branch.setdefault(parent, {})
            if not isinstance(child, dict):
                raise ValueError(f"{path} lies below an element that has a text of its own")
            branch = child
        branch.setdefault(leaf, fields.get(path, ""))
    return _nodes(branches)


def _nodes(branches: Mapping[str, object]) -> list[Node]:
    return [(name, _nodes(child) if isinstance(child, dict) else str(child)) for name, child in branches.items()]


def _cdata_text(text: str) -> str:
    return text.replace("]]>", "]]]]><![CDATA[>")
