"""Loading the rules: read again if the file changed, kept if it is broken."""

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
    """A rules file, a clock, and a count of how often the file was checked and read."""

    path: Path
    now: float = 0.0
    checks: list[Version | None] = field(default_factory=list)
    reads: int = 0

    def write(self, text: str, *, age: float = 60) -> None:
        """Replace the file, as if it had been written so many seconds ago."""
        draft = self.path.with_suffix(".new")
        draft.write_text(text)
        then = draft.stat().st_mtime - age
        os.utime(draft, (then, then))
        draft.replace(self.path)

    def rules_loader(self) -> RulesLoader:
        return RulesLoader(self.path, read_rules, lambda: self.now)

    def advance(self) -> None:
        self.now += CHECK_SECONDS


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(tmp_path / "rules.toml")
    check, read = loader._version, loader._text

    def counted_check(path: Path) -> Version | None:
        world.checks.append(check(path))
        return world.checks[-1]

    def counted_read(path: Path) -> str:
        world.reads += 1
        return read(path)

    monkeypatch.setattr(loader, "_version", counted_check)
    monkeypatch.setattr(loader, "_text", counted_read)
    world.write(ONE)
    return world


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_thousand_requests_in_a_second_look_once_and_read_once(world: World) -> None:
    rules_loader = world.rules_loader()
    assert {len(rules_loader.rules) for _ in range(1000)} == {1}
    assert (len(world.checks), world.reads) == (1, 1)
    for _ in range(10):
        world.advance()
        assert len(rules_loader.rules) == 1
    assert (len(world.checks), world.reads) == (11, 1)


def test_a_new_version_is_in_force_at_the_next_look(world: World, caplog: pytest.LogCaptureFixture) -> None:
    rules_loader = world.rules_loader()
    assert len(rules_loader.rules) == 1
    world.write(TWO)
    assert len(rules_loader.rules) == 1
    world.advance()
    assert len(rules_loader.rules) == 2
    assert warnings_in(caplog) == [f"{world.path} has changed: 2 rules are in force"]


@pytest.mark.parametrize("change", ["size", "moment", "file"])
def test_each_sign_of_a_change_is_seen(world: World, change: str) -> None:
    rules_loader = world.rules_loader()
    status, other = world.path.stat(), ONE.replace("docs", "logs")
    assert "docs.example.org" in rules_loader.rules.hosts
    if change == "file":
        world.write(other)
    else:
        world.path.write_text(other + "\n" * (change == "size"))
    moment = status.st_mtime_ns - 1000 * (change == "moment")
    os.utime(world.path, ns=(moment, moment))
    world.advance()
    assert "logs.example.org" in rules_loader.rules.hosts


def test_a_broken_version_is_reported_once_and_the_old_one_stays_in_force(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    rules_loader = world.rules_loader()
    assert len(rules_loader.rules) == 1
    world.write(BROKEN)
    for _ in range(5):
        world.advance()
        assert len(rules_loader.rules) == 1
    (line,) = warnings_in(caplog)
    assert "rules.toml, line 3: allow" in line and line.endswith("the previous rules stay in force")
    assert rules_loader.broken is not None and len(rules_loader.broken.errors) == 1
    world.write(BROKEN + "x")
    world.advance()
    assert len(rules_loader.rules) == 1
    assert len(warnings_in(caplog)) == 2
    world.write(TWO)
    world.advance()
    assert len(rules_loader.rules) == 2
    assert rules_loader.broken is None


def test_a_file_that_goes_away_leaves_its_rules_in_force(world: World, caplog: pytest.LogCaptureFixture) -> None:
    rules_loader = world.rules_loader()
    assert len(rules_loader.rules) == 1
    world.path.unlink()
    for _ in range(3):
        world.advance()
        assert len(rules_loader.rules) == 1
    assert len(warnings_in(caplog)) == 1
    assert "cannot be read" in warnings_in(caplog)[0]


def test_a_half_written_file_is_not_loaded(world: World) -> None:
    rules_loader = world.rules_loader()
    world.write(TWO)
    assert len(rules_loader.rules) == 2
    world.write(ONE, age=-3600)  # as young as can be
    world.advance()
    assert len(rules_loader.rules) == 2
    world.write(TWO + ONE.replace("docs", "more"), age=-3600)
    world.advance()
    assert len(rules_loader.rules) == 2
    world.advance()
    assert len(rules_loader.rules) == 3, "seen twice, it is whole"


def test_a_process_without_valid_rules_is_unavailable_until_it_has_some(world: World) -> None:
    world.write(BROKEN)
    rules_loader = world.rules_loader()
    for _ in range(3):
        with pytest.raises(ServiceUnavailable):
            _ = rules_loader.rules
    world.write(ONE)
    world.advance()
    assert len(rules_loader.rules) == 1


@pytest.mark.parametrize("name", [".", "none.toml", "x" * 5000, "\udcff"], ids=ascii)
def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidRules, match="line 1: the file cannot be read"):
        RulesLoader(tmp_path / name, read_rules).load()
    with pytest.raises(ServiceUnavailable):
        _ = RulesLoader(tmp_path / name, read_rules).rules


def test_without_a_file_there_are_no_rules_and_nothing_is_looked_at(world: World) -> None:
    rules_loader = RulesLoader(None, read_rules)
    assert (len(rules_loader.rules), len(rules_loader.load()), world.checks) == (0, 0, [])


def test_one_thread_reads_while_the_others_use_the_old_rules(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rules_loader = world.rules_loader()
    assert len(rules_loader.rules) == 1
    world.write(TWO)
    world.advance()
    reading, go_on, text = Event(), Event(), loader._text

    def slow(path: Path) -> str:
        reading.set()
        assert go_on.wait(20)
        return text(path)

    monkeypatch.setattr(loader, "_text", slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lambda: len(rules_loader.rules))
        assert reading.wait(20)
        assert len(rules_loader.rules) == 1
        go_on.set()
        assert first.result(20) == 2
    assert len(rules_loader.rules) == 2


def test_all_threads_wait_for_the_first_rules(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rules_loader, text = world.rules_loader(), loader._text
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: len(rules_loader.rules), range(4))) == [1, 1, 1, 1]
    assert text is loader._text
    assert world.reads == 1


@pytest.mark.parametrize(
    ("content", "line"), [(b"# a\n\n# \xff\n", 3), (b"#" * (MAX_FILE_BYTES + 1), 1), (b"[[rule]]\r\nhost = \r\n", 2)]
)
def test_a_file_that_is_not_text_is_reported(tmp_path: Path, content: bytes, line: int) -> None:
    path = tmp_path / "rules.toml"
    path.write_bytes(content)
    with pytest.raises(InvalidRules) as broken:
        RulesLoader(path, read_rules).load()
    assert [fault.line for fault in broken.value.errors] == [line]
