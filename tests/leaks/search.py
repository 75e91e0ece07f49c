"""Look for many texts, or for tokens, in many files with grep, which is fast enough for a gigabyte."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.leaks.collection import HEADING
from tests.leaks.expected import UNSEARCHED, UNSEARCHED_FOLDERS

LINE = re.compile(rb"([^\0]+)\0(\d+):(.*)", re.DOTALL)
JWT = rb"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"


@dataclass(frozen=True)
class Match:
    """A text that was found, the file, and its place in it."""

    path: Path
    offset: int
    text: bytes

    @property
    def test(self) -> str:
        """The test during which an output was written; for a file of a test, the test's own folder."""
        heading = HEADING.strip("\n").encode()
        with self.path.open("rb") as file:
            before = file.read(self.offset)
        start = before.rfind(heading)
        if start < 0:
            return self.path.parent.name
        return before[start + len(heading) :].partition(b"\n")[0].decode()


def find_texts(texts: Iterable[bytes], folders: Sequence[Path]) -> Iterator[Match]:
    """Every occurrence of any of the texts, which have no line breaks, in all files below the folders."""
    with tempfile.NamedTemporaryFile() as patterns:
        patterns.write(b"\n".join(sorted(texts)))
        patterns.flush()
        yield from _grep(["--fixed-strings", f"--file={patterns.name}"], folders)


def find_tokens(folders: Sequence[Path]) -> Iterator[Match]:
    """Everything that has the form of a JSON Web Token."""
    return _grep(["--extended-regexp", f"--regexp={JWT.decode()}"], folders)


def _grep(options: Sequence[str], folders: Sequence[Path]) -> Iterator[Match]:
    """Run grep on all files. Raises RuntimeError if it fails."""
    program = shutil.which("grep") or "grep"
    how = ["--recursive", "--text", "--null", "--with-filename", "--byte-offset", "--only-matching", "--devices=skip"]
    how += [f"--exclude={name}" for name in UNSEARCHED]
    how += [f"--exclude-dir={name}" for name in UNSEARCHED_FOLDERS]
    with subprocess.Popen(
        [program, *how, *options, "--", *map(str, folders)],
        env={"LC_ALL": "C"},
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if found := LINE.fullmatch(line.rstrip(b"\n")):
                yield Match(Path(found[1].decode()), int(found[2]), found[3])
    if process.returncode > 1:
        raise RuntimeError("grep could not search all outputs")
