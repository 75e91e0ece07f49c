"""The rules in force: read again when their file changes, at hardly any cost, and kept when the new ones are broken."""

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest

from daypass.errors import ServiceUnavailable
from daypass.rules import loader
from daypass.rules.errors import InvalidRules
from daypass.rules.loader import CHECK_SECONDS, MAX_FILE_BYTES, RulesLoader, Version
from daypass.rules.parser import read_rules

ONE = '[[rule]]\nhost = "docs.example.org"\nallow = "public"\n'
TWO = ONE + '[[rule]]\nhost = "reports.example.org"\nallow = "public"\n'
BROKEN = '[[rule]]\nhost = "docs.example.org"\nallow = "nobody"\n'


@dataclass
class World:
    """A rules file, a clock that a test moves, and how often the file was looked at and read."""

    path: Path
    now: float = 0.0
    looks: list[Version | None] = field(default_factory=list)
    reads: int = 0

    def write(self, text: str, *, age: float = 60) -> None:
        """Put a new file in place of the old one, as if it had been written so many seconds ago."""
        draft = self.path.with_suffix(".new")
        draft.write_text(text)
        then = draft.stat().st_mtime - age
        os.utime(draft, (then, then))
        draft.replace(self.path)

    def book(self) -> RulesLoader:
        return RulesLoader(self.path, read_rules, lambda: self.now)

    def later(self) -> None:
        self.now += CHECK_SECONDS


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(tmp_path / "rules.toml")
    look, read = loader._version, loader._text

    def counted_look(path: Path) -> Version | None:
        world.looks.append(look(path))
        return world.looks[-1]

    def counted_read(path: Path) -> str:
        world.reads += 1
        return read(path)

    monkeypatch.setattr(loader, "_version", counted_look)
    monkeypatch.setattr(loader, "_text", counted_read)
    world.write(ONE)
    return world


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_thousand_requests_in_a_second_look_once_and_read_once(world: World) -> None:
    book = world.book()
    assert {len(book.rules) for _ in range(1000)} == {1}
    assert (len(world.looks), world.reads) == (1, 1)
    for _ in range(10):
        world.later()
        assert len(book.rules) == 1
    assert (len(world.looks), world.reads) == (11, 1)


def test_a_new_version_is_in_force_at_the_next_look(world: World, caplog: pytest.LogCaptureFixture) -> None:
    book = world.book()
    assert len(book.rules) == 1
    world.write(TWO)
    assert len(book.rules) == 1
    world.later()
    assert len(book.rules) == 2
    assert told(caplog) == [f"{world.path} has changed: 2 rules are in force"]


@pytest.mark.parametrize("change", ["size", "moment", "file"])
def test_each_sign_of_a_change_is_seen(world: World, change: str) -> None:
    book = world.book()
    status, other = world.path.stat(), ONE.replace("docs", "logs")
    assert "docs.example.org" in book.rules.hosts
    if change == "file":
        world.write(other)
    else:
        world.path.write_text(other + "\n" * (change == "size"))
    moment = status.st_mtime_ns - 1000 * (change == "moment")
    os.utime(world.path, ns=(moment, moment))
    world.later()
    assert "logs.example.org" in book.rules.hosts


def test_a_broken_version_is_reported_once_and_the_old_one_stays_in_force(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    book = world.book()
    assert len(book.rules) == 1
    world.write(BROKEN)
    for _ in range(5):
        world.later()
        assert len(book.rules) == 1
    (line,) = told(caplog)
    assert "rules.toml, line 3: allow" in line and line.endswith("the previous rules stay in force")
    assert book.broken is not None and len(book.broken.errors) == 1
    world.write(BROKEN + "x")
    world.later()
    assert len(book.rules) == 1
    assert len(told(caplog)) == 2
    world.write(TWO)
    world.later()
    assert len(book.rules) == 2
    assert book.broken is None


def test_a_file_that_goes_away_leaves_its_rules_in_force(world: World, caplog: pytest.LogCaptureFixture) -> None:
    book = world.book()
    assert len(book.rules) == 1
    world.path.unlink()
    for _ in range(3):
        world.later()
        assert len(book.rules) == 1
    assert len(told(caplog)) == 1
    assert "cannot be read" in told(caplog)[0]


def test_half_a_file_is_not_taken_while_it_is_being_written(world: World) -> None:
    book = world.book()
    world.write(TWO)
    assert len(book.rules) == 2
    world.write(ONE, age=-3600)  # as young as can be
    world.later()
    assert len(book.rules) == 2
    world.write(TWO + ONE.replace("docs", "more"), age=-3600)
    world.later()
    assert len(book.rules) == 2
    world.later()
    assert len(book.rules) == 3, "seen twice, it is whole"


def test_a_process_that_never_saw_good_rules_is_shut_until_it_does(world: World) -> None:
    world.write(BROKEN)
    book = world.book()
    for _ in range(3):
        with pytest.raises(ServiceUnavailable):
            _ = book.rules
    world.write(ONE)
    world.later()
    assert len(book.rules) == 1


@pytest.mark.parametrize("name", [".", "none.toml", "x" * 5000, "\udcff"], ids=ascii)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidRules, match="line 1: the file cannot be read"):
        RulesLoader(tmp_path / name, read_rules).load()
    with pytest.raises(ServiceUnavailable):
        _ = RulesLoader(tmp_path / name, read_rules).rules


def test_without_a_file_there_are_no_rules_and_nothing_is_looked_at(world: World) -> None:
    book = RulesLoader(None, read_rules)
    assert (len(book.rules), len(book.load()), world.looks) == (0, 0, [])


def test_one_thread_reads_and_the_others_go_on_with_what_there_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = world.book()
    assert len(book.rules) == 1
    world.write(TWO)
    world.later()
    reading, go_on, text = Event(), Event(), loader._text

    def slow(path: Path) -> str:
        reading.set()
        assert go_on.wait(20)
        return text(path)

    monkeypatch.setattr(loader, "_text", slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lambda: len(book.rules))
        assert reading.wait(20)
        assert len(book.rules) == 1
        go_on.set()
        assert first.result(20) == 2
    assert len(book.rules) == 2


def test_all_threads_wait_for_the_first_rules(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    book, text = world.book(), loader._text
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: len(book.rules), range(4))) == [1, 1, 1, 1]
    assert text is loader._text
    assert world.reads == 1


@pytest.mark.parametrize(
    ("content", "line"), [(b"# a\n\n# \xff\n", 3), (b"#" * (MAX_FILE_BYTES + 1), 1), (b"[[rule]]\r\nhost = \r\n", 2)]
)
def test_a_file_that_is_no_text_is_told(tmp_path: Path, content: bytes, line: int) -> None:
    path = tmp_path / "rules.toml"
    path.write_bytes(content)
    with pytest.raises(InvalidRules) as broken:
        RulesLoader(path, read_rules).load()
    assert [fault.line for fault in broken.value.errors] == [line]
