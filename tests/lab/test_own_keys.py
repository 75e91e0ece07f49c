"""The lab knows no key of the app: it imports nothing that has one."""

import subprocess
import sys

from tests.test_layers import imported
from tests.test_layers import sources as sources_of_all

MAY = {"errors", "lab"}  # of daypass


def test_the_lab_imports_nothing_of_the_app_but_its_errors() -> None:
    sources = [path for module, path in sources_of_all() if module == "lab"]
    assert len(sources) > 8
    names = {name for path in sources for name in imported(path.read_text()) if name.startswith("daypass.")}
    assert {name.split(".")[1] for name in names} == MAY


def test_no_module_with_keys_is_even_loaded_with_the_lab() -> None:
    program = (
        "import sys, daypass.lab.as_python, daypass.lab.changing, daypass.lab.explaining, daypass.lab.verdict\n"
        "print(*sorted(name for name in sys.modules if name.startswith('daypass.') and '.lab' not in name))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "daypass.errors\n"
