"""README says what is: its commands exist and help, its examples run, its tables equal the data."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import pytest

from rakuten_orders import messages
from rakuten_orders.cli import failures
from rakuten_orders.cli.explain import first_sentence
from rakuten_orders.cli.program import program
from rakuten_orders.connection.config import DEFAULT_ENDPOINT, SCHEMA, read_configuration
from rakuten_orders.connection.lifecycle import HAND_ACTIONS, MOVES, ORDER_STATUS, Status
from rakuten_orders.connection.simulator import Simulator, showcase

CHECKOUT = Path(__file__).parents[1]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
PAGES = [CHECKOUT / "README.md", CHECKOUT / "rules" / "README.md", CHECKOUT / "carriers.d" / "README.md"]
BINARIES = Path(sys.executable).parent


def commands(group: click.Group = program, words: tuple[str, ...] = ("rakuten-orders",)) -> Iterator[tuple[str, ...]]:
    """Every command and group with the words it is typed with."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield (*words, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))


COMMANDS = list(commands())


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_is_in_readme(words: tuple[str, ...]) -> None:
    """A command that README does not name is one that nobody finds."""
    assert re.search(rf"`{re.escape(' '.join(words))}\b", README)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Help says what the command does, and ends with a line that can be typed."""
    assert program.run([*words[1:], "--help"], prog_name="rakuten-orders") == 0
    printed = capsys.readouterr().out
    assert f"Usage: {' '.join(words)}" in printed
    example = printed.split("Example:\n")[1].splitlines()[0].strip()
    assert example.startswith((" ".join(words), words[-1]))
    assert all(len(line) <= 100 for line in printed.splitlines())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """Files that a page links to exist, and so do the headings."""
    links = re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    for link in (link for link in links if "://" not in link):
        name, _, heading = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        titles = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE) if heading else []
        slugs = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
        assert not heading or heading in slugs, link


def table(name: str) -> list[str]:
    """The lines of README's table of that name, without its head."""
    found = re.search(rf"<!-- table: {name} -->\n(.*?)<!-- end -->", README, re.DOTALL)
    assert found, name
    return found[1].strip().splitlines()[2:]


def rows(*cells: Iterable[str]) -> list[str]:
    """The lines of a Markdown table."""
    return [f"| {' | '.join(row)} |" for row in cells]


def test_the_table_of_reasons_equals_the_catalogue() -> None:
    """Every reason an order can show, with the first sentence of its explanation."""
    assert table("reasons") == rows(*((f"`{reason}`", meaning(reason)) for reason in messages.reasons()))


def test_the_table_of_codes_equals_the_catalogue() -> None:
    """Every code that validate-rules can print, likewise."""
    assert table("codes") == rows(*((f"`{code}`", meaning(code)) for code in messages.codes()))


def meaning(code: str) -> str:
    explained = messages.explanation(code)
    assert explained is not None
    return first_sentence(explained.meaning)


def test_every_status_is_explained() -> None:
    """The table of statuses has each of them once, in the lifecycle's order."""
    assert [line.split("`")[1] for line in table("statuses")] == [str(status) for status in Status]


def test_the_table_of_order_statuses_equals_the_lifecycle() -> None:
    """How an order's status follows from its items', row by row."""

    def needs(groups: Iterable[Iterable[Status]]) -> str:
        return ", and one ".join(" or ".join(f"`{status}`" for status in Status if status in group) for group in groups)

    expected = [(f"one {needs(row.needs)}", f"`{row.status}`", row.about) for row in ORDER_STATUS]
    assert table("order status") == rows(*expected)


def test_the_table_of_moves_equals_the_lifecycle() -> None:
    """What moves an item, from where to where, and what is sent to Rakuten for it."""
    expected = [
        (
            row.about,
            ", ".join(f"`{status}`" for status in Status if status in row.from_ and status is not row.to),
            f"`{row.to}`",
            row.sends or "nothing",
        )
        for row in MOVES
    ]
    assert table("moves") == rows(*expected)


def test_the_table_of_decisions_equals_the_lifecycle() -> None:
    """What a person may do from which status; ``ship`` is a command of its own."""
    expected = [
        (f"`{action}`", ", ".join(f"`{status}`" for status in Status if status in statuses))
        for action, statuses in HAND_ACTIONS.items()
        if action != "ship"
    ]
    assert table("by hand") == rows(*expected)


def test_the_table_of_exit_codes_names_them_all() -> None:
    """The codes are those that commands exit with."""
    section = README.split("## Exit codes")[1].split("\n## ")[0]
    listed = [int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)]
    assert listed == [
        failures.ALL_WELL,
        failures.FAILED,
        failures.WRONG_USAGE,
        failures.UNREACHABLE,
        failures.INTERRUPTED,
        failures.READER_LEFT,
    ]


def test_the_dependencies_are_those_of_the_package() -> None:
    """Each has its reason in the table; those for development are named below it."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    section = README.split("## Dependencies")[1]
    listed = re.findall(r"^\| ([a-z0-9-]+) \| ", section, re.MULTILINE)
    assert listed[0] == "package"
    assert listed[1:] == [re.split("[<>=~]", name)[0] for name in project["project"]["dependencies"]]
    for name in project["dependency-groups"]["dev"]:
        assert re.search(rf"\b{re.split('[<>=~]', name)[0]}\b", section.split("For development:")[1])


def example(name: str) -> str:
    """The code block behind the comment of that name."""
    found = re.search(rf"<!-- example: {name} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert found, name
    return found[1]


def shell(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run lines as they are typed, in ``folder``; stop at the first that fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAKUTEN")}
    environment["PATH"] = f"{BINARIES}{os.pathsep}{environment['PATH']}"
    return subprocess.run(
        ["sh", "-e"], input=code, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_engines_example_runs(tmp_path: Path) -> None:
    """The twenty lines for developers work as they stand, on a file beside them."""
    answer = (CHECKOUT / "tests" / "payloads" / "home-delivery.xml").read_bytes()
    (tmp_path / "getcurrentsales.xml").write_bytes(answer)
    done = subprocess.run(
        [sys.executable, "-c", example("engine")], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == (
        "Mondial Relay 12345678 https://www.mondialrelay.fr/suivi-de-colis/?numeroExpedition=12345678&codePostal=75011"
    )


def test_the_syncs_example_runs(tmp_path: Path, rakuten_simulator: Simulator) -> None:
    """The lines for those who embed the job work as they stand, but for the port, which is the simulator's there."""
    rakuten_simulator.add(*showcase())
    assert f"http://127.0.0.1:{example('simulator').split()[-1]}" in example("sync")
    assert f"with `RAKUTEN_TOKEN={rakuten_simulator.token}`" in README
    program = re.sub(r"http://127\.0\.0\.1:[0-9]+", rakuten_simulator.url, example("sync"))
    environment = {**os.environ, "RAKUTEN_TOKEN": rakuten_simulator.token}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    printed = done.stdout.splitlines()
    assert "order.created boutiquefr:400000001 2" in printed
    assert printed[-1].startswith("0 {")
    assert "'delivered': 5" in printed[-1]


MY_JOB = """
from rakuten_orders import Engine, Shipment
from rakuten_orders.connection import Batch, Connection, RakutenClient, Received, Secret, Store, sync

class Erp:
    def __init__(self):
        self.taken, self.outgoing, self.given = [], [], 0

    def deliver(self, message):
        if message.key not in [one["key"] for one in self.taken]:
            self.taken.append(message.to_json())

    def shipments(self, cursor):
        waiting = enumerate(self.outgoing[self.given:], self.given)
        return Batch(tuple(Received(f"erp/{number}", Shipment(**one)) for number, one in waiting))

    def acknowledge(self, batch, refused=()):
        self.given += len(batch.received)

def run(*, endpoint, login, token):
    connection = Connection("main", login, Secret("env", ("NOT_ASKED",), None), endpoint=endpoint)
    with Store.in_memory() as store, RakutenClient(login, token, endpoint=endpoint) as client:
        sync(connection, store, Erp(), Engine.load(), client=client)
"""


def test_the_example_of_tests_runs(tmp_path: Path) -> None:
    """The fixture and the conformance tests, used as README says."""
    (tmp_path / "my_job.py").write_text(MY_JOB, encoding="utf-8")
    (tmp_path / "test_my_job.py").write_text(example("tests"), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_my_job.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "9 passed" in done.stdout


def test_the_configurations_example_is_valid(tmp_path: Path) -> None:
    """It has no mistake, and every key of a connection."""
    text = example("configuration") + example("notify")
    configuration = read_configuration(tmp_path / "rakuten-orders.yaml", text.encode())
    assert configuration.diagnostics == ()
    assert configuration.notify is not None
    (connection,) = configuration.connections
    known = SCHEMA["connections"]["valuesrules"]["schema"]
    assert {key for key in known if re.search(rf"^    {key}: ", example("configuration"), re.MULTILINE)} == set(known)
    assert connection.endpoint == DEFAULT_ENDPOINT


@pytest.fixture
def running_simulator(tmp_path: Path) -> Iterator[int]:
    """README's simulator, on a free port instead of the one that is printed there."""
    words = shlex.split(example("simulator"))
    words[words.index("--port") + 1] = "0"
    words[0] = str(BINARIES / words[0])
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", first)
        assert found, first
        yield int(found[1])
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


@pytest.mark.skipif(os.name == "nt", reason="the lines are for a POSIX shell")
def test_the_operators_way_leads_to_a_shipped_order(running_simulator: int, tmp_path: Path) -> None:
    """From ``connection add`` to a shipped order, every command as README has it."""
    way = (example("operator") + example("ship")).replace("127.0.0.1:8765", f"127.0.0.1:{running_simulator}")
    done = shell(way, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    shown = done.stdout.rstrip().split("\n400000001")[-1]
    assert "shipped" in shown
    assert "6A12345678905" in shown
    assert list((tmp_path / "exchange" / "orders").glob("*.json"))
