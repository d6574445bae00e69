"""The wheel: what is in it, and that it works where nothing of the checkout or of the development tools is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
DATA = "rakuten_orders/data/"


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command away from the checkout, and with nothing in the environment that could lead back to it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "RAKUTEN"))}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment | {"PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the backend itself."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=CHECKOUT)
    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of an environment that holds the wheel and what it needs, nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    binaries = folder / ("Scripts" if os.name == "nt" else "bin")
    done = run(
        *(sys.executable, "-m", "pip", "--python", binaries / "python", "--disable-pip-version-check", "install"),
        *("--constraint", CHECKOUT / "constraints.txt", wheel),
        cwd=folder,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return binaries


def git_files(folder: str) -> set[str]:
    """What git would take along of a folder: its tracked files and new ones that it does not ignore."""
    listed = run(*("git", "ls-files", "--cached", "--others", "--exclude-standard", folder), cwd=CHECKOUT)
    if listed.returncode == 0:
        return {name for name in listed.stdout.splitlines() if (CHECKOUT / name).is_file()}
    return {path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / folder).rglob("*") if path.is_file()}


def test_the_wheel_holds_the_checkouts_rules_and_carriers(wheel: Path) -> None:
    """Every file of rules/ and carriers.d/ travels, byte for byte, and no other does."""
    expected = git_files("rules") | git_files("carriers.d")
    assert any(name.startswith("rules/") for name in expected)
    assert any(name.startswith("carriers.d/") for name in expected)
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name.removeprefix(DATA): archive.read(name) for name in archive.namelist() if name.startswith(DATA)}
    assert set(shipped) == expected
    assert shipped == {name: (CHECKOUT / name).read_bytes() for name in expected}


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    """Modules, messages, the type marker and other data beside the code travel too."""
    expected = {name.removeprefix("engine/") for name in git_files("engine")}
    with zipfile.ZipFile(wheel) as archive:
        packaged = {name for name in archive.namelist() if not name.startswith(DATA) and ".dist-info/" not in name}
    assert "rakuten_orders/py.typed" in packaged
    assert packaged == expected


def test_every_dependency_is_pinned(installed: Path) -> None:
    """What pip installs for the wheel stands in constraints.txt with that version, so no two set-ups differ."""
    frozen = run(sys.executable, "-m", "pip", "--python", installed / "python", "freeze", cwd=installed)
    packages = {line for line in frozen.stdout.splitlines() if not line.startswith("rakuten-orders")}
    pinned = set((CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines())
    assert len(packages) >= 8
    assert {line.lower() for line in packages} <= {line.lower() for line in pinned}


def test_validate_rules_runs_where_only_the_wheel_is(installed: Path, tmp_path: Path) -> None:
    """The checker finds the shipped files without the checkout, and no fault in them."""
    done = run(installed / "validate-rules", "--strict", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 errors, 0 warnings" in done.stdout
    assert done.stdout == run(installed / "rakuten-orders", "validate-rules", "--strict", cwd=tmp_path).stdout


def test_track_runs_where_only_the_wheel_is(installed: Path, tmp_path: Path) -> None:
    """A shipment gets its update from the shipped carriers, without the development tools."""
    done = run(
        *(installed / "rakuten-orders", "track", "--json", "--transporter", "Mondial Relay"),
        *("--number", "12 34 56 78", "--postcode", "75011"),
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "carrier": "mondial-relay",
        "transporter_name": "Mondial Relay",
        "tracking_number": "12345678",
        "tracking_number_received": "12 34 56 78",
        "tracking_url": "https://www.mondialrelay.fr/suivi-de-colis/?numeroExpedition=12345678&codePostal=75011",
        "decided_by": "name",
        "warnings": [],
    }


def test_every_command_can_say_what_it_does_where_only_the_wheel_is(installed: Path, tmp_path: Path) -> None:
    """No command needs a package that is there for developers alone."""
    overview = run(installed / "rakuten-orders", "--help", cwd=tmp_path)
    commands = [line.split()[0] for line in overview.stdout.split("Commands:")[1].splitlines() if line[2:3].strip()]
    assert len(commands) >= 13
    for command in commands:
        helped = run(installed / "rakuten-orders", command, "--help", cwd=tmp_path)
        assert (helped.returncode, helped.stderr) == (0, ""), command
        assert helped.stdout.startswith(f"Usage: rakuten-orders {command} ")
