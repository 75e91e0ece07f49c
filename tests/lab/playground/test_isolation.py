"""The playground cannot reach the app's keys: it imports no module that holds one."""

import subprocess
import sys

from tests.helpers.imports import imported_names
from tests.helpers.project import ROOT

PLAYGROUND = ROOT / "daypass" / "lab" / "playground"
ALLOWED = {"daypass.errors", "daypass.keys.algorithms", "daypass.lab.playground"}
OF_TOKENS = {
    "daypass.tokens.base64url",
    "daypass.tokens.claims",
    "daypass.tokens.errors",
    "daypass.tokens.printable",
    "daypass.tokens.purposes",
    "daypass.tokens.strict_json",
}


def test_the_playground_imports_nothing_that_has_a_key() -> None:
    sources = list(PLAYGROUND.glob("*.py"))
    assert len(sources) > 8
    names = {
        name.rpartition(".")[0] for path in sources for name in imported_names(path.read_text()) if "daypass." in name
    }
    of_tokens = {name for name in names if name.startswith("daypass.tokens.")}
    assert of_tokens <= OF_TOKENS
    assert {".".join(name.split(".")[:3]) for name in names - of_tokens} <= ALLOWED


def test_no_module_with_keys_is_even_loaded_with_the_playground() -> None:
    program = (
        "import sys, daypass.lab.playground.python_code, daypass.lab.playground.tampering\n"
        "import daypass.lab.playground.descriptions, daypass.lab.playground.verification\n"
        "print(*sorted(name for name in sys.modules if name.startswith('daypass.') and '.lab' not in name))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert set(done.stdout.split()) == {
        "daypass.errors",
        "daypass.keys",
        "daypass.keys.algorithms",
        "daypass.tokens",
        *OF_TOKENS,
    }
