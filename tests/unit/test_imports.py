"""What imports what: nothing heavy at the door, and all arrows one way."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.unit

HEAVY = ("torch", "transformers", "TTS", "whisper", "faster_whisper", "ray")
# The order of the layers; a module may import only from its own and those above it.
ORDER = (
    ("types", "errors", "events", "memory", "languages"),
    ("flow",),
    ("media", "text"),
    ("engines",),
    ("config",),
    ("stages",),
    ("runs",),
    ("quality",),
    ("steps",),
    ("prepare",),
    ("pipeline",),
    ("batch", "demo", "diagnosis", "models", "compare", "judge"),
    ("console",),
    ("cli", "cli_batch", "cli_models", "cli_options", "webui"),
    ("__main__", "pages"),
)
LEVELS = {name: level for level, names in enumerate(ORDER) for name in names}

BROWSE = """
from streamlit.testing.v1 import AppTest
at = AppTest.from_file("app.py", default_timeout=60).run()
assert not at.exception
for page in ("live", "quality", "how", "explorer"):
    assert not at.switch_page(f"pages/{page}.py").run().exception, page
"""


@pytest.mark.parametrize(
    "code",
    [
        "import dubbing",
        "import dubbing.cli; import contextlib\nwith contextlib.suppress(SystemExit): "
        "dubbing.cli.app(['--help'])",
        "import dubbing.webui.library, dubbing.webui.state, dubbing.webui.components.segment_table",
        BROWSE,
    ],
    ids=["package", "help", "webui", "pages"],
)
def test_nothing_heavy_is_imported_at_the_door(code: str) -> None:
    """The package, the command line's help and browsing the app load no model framework."""
    ask = f"\nimport sys\nheavy = [m for m in {HEAVY} if m in sys.modules]\nassert not heavy, heavy"
    done = subprocess.run(
        [sys.executable, "-c", code + ask], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_browsing_loads_no_scipy() -> None:
    """It takes 30 MB of a small server, and drawing waves and spectrograms needs numpy alone."""
    asked = 'at.toggle("spectrograms").set_value(True).run()\nassert not at.exception\n'
    code = BROWSE + asked + "import sys\nassert 'scipy' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


def modules() -> list[Path]:
    """Every file of the package, the pages and the app."""
    return [ROOT / "app.py", *ROOT.glob("pages/*.py"), *ROOT.glob("dubbing/**/*.py")]


def imported(path: Path) -> Iterator[str]:
    """Dotted names of the modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(dotted: str) -> str:
    """The layer of a module of the package, "" for the package itself."""
    return dotted.split(".")[1] if "." in dotted else ""


def test_only_the_app_knows_streamlit() -> None:
    """Streamlit is imported in webui/, pages/ and app.py and nowhere else."""
    users = {p for p in modules() if any(n.split(".")[0] == "streamlit" for n in imported(p))}
    package = ROOT / "dubbing"
    strangers = [p for p in users if package in p.parents and package / "webui" not in p.parents]
    assert not strangers


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    """Types ← media, text ← engines ← stages ← steps ← pipeline ← (cli, webui) ← pages."""
    relative = path.relative_to(ROOT).with_suffix("").parts
    own = relative[1] if relative[0] == "dubbing" else "pages"
    if own == "__init__":
        return
    assert own in LEVELS, f"give {own} a place in ORDER"
    used = {layer(name) for name in imported(path) if name.startswith("dubbing.")}
    known = {name for name in used if name in LEVELS}
    backwards = [n for n in known if LEVELS[n] > LEVELS[own]]
    assert not backwards, f"{own} imports {backwards}"
