"""The package as a user gets it: built, and installed into an empty environment."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.helpers.project import ROOT

START_SECONDS = 30


def build_wheel(folder: Path) -> Path:
    """Build the wheel into this folder; returns its path."""
    run = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(run, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


@dataclass(frozen=True)
class Installation:
    """A virtual environment in which only the wheel was installed, with what it requires."""

    folder: Path

    @classmethod
    def of(cls, wheel: Path, folder: Path) -> "Installation":
        """Install the wheel into a new environment in this folder."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        installation = cls(folder)
        installation.add(str(wheel))
        return installation

    def add(self, requirement: str) -> None:
        """Install another package into the environment."""
        python = str(self.folder / "bin" / "python")
        pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", requirement]
        subprocess.run(pip, check=True, capture_output=True)

    def run(self, name: str, *arguments: str, folder: Path, stdin: str = "", **environ: str) -> str:
        """Run a program of the environment in this folder until it ends; returns its standard output."""
        command, variables = self._command(name, *arguments), _variables(environ)
        done = subprocess.run(
            command, cwd=folder, env=variables, input=stdin, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def serving(self, url: str, name: str, *arguments: str, folder: Path, **environ: str) -> Iterator[Path]:
        """Run a server in this folder while the `with` block does; yields the file with what it prints."""
        log = folder.with_suffix(".log")
        with log.open("w") as output:
            process = subprocess.Popen(
                self._command(name, *arguments),
                cwd=folder,
                env=_variables(environ),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            _wait_for(url, process, log)
            yield log
        finally:
            process.terminate()
            process.wait(40)

    def _command(self, name: str, *arguments: str) -> list[str]:
        return [str(self.folder / "bin" / name), *arguments]


def _variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Our environment without what changes Daypass, Flask or Python, plus these variables."""
    ours = ("DAYPASS_", "FLASK_", "PYTHON")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | dict(environ)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server did not start:\n{log.read_text()}")
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):  # noqa: S310
            return True
    except HTTPError as error:
        error.close()
        return True
    except OSError:
        return False
