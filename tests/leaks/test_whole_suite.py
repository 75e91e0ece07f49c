"""No secret of the whole suite is in anything that it wrote (ASVS 16.2.5).

Runs last in `make test`, which names the folder of the collection: everything in it except the secrets is searched.
"""

import os
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from daypass.settings.definitions import Settings
from daypass.tokens import purposes
from tests.leaks.collection import IN_PROGRAMS, IN_TESTS, VARIABLE, Secret, read_secrets
from tests.leaks.expected import EXPECTED
from tests.leaks.findings import Finding, find, outputs
from tests.leaks.places import AUDIT_KEY, LINK_CODE, PASSWORD, SIGNING_KEY

pytestmark = pytest.mark.last

TOKENS = {f"{purpose} token" for purpose in (purposes.SESSION, purposes.API, purposes.DEVICE, *purposes.LINK_LIFETIMES)}
SETTINGS = {name for name, field in Settings.__dataclass_fields__.items() if not field.repr}
TEXTS = {"log", "stderr", "stdout", "terminal", "metrics", "export", "mail", "webhook"}
ROWS = {"rows-accounts", "rows-events", "rows-mails", "rows-daypass_backup", "postgresql", "postgresql-log"}
FILES = {"server.log", "daypass.sqlite3", "access.log", "without"}  # `without`: a backup without the secret key


@pytest.fixture(scope="module")
def folder() -> Path:
    """The folder of the collection."""
    if VARIABLE not in os.environ:
        pytest.skip("`make test` collects the secrets and the outputs of all tests, and runs this at its end")
    return Path(os.environ[VARIABLE])


@pytest.fixture(scope="module")
def used(folder: Path) -> list[Secret]:
    return list(read_secrets(folder))


@pytest.fixture(scope="module")
def found(folder: Path) -> list[Finding]:
    return list(find(folder))


def test_no_secret_is_in_any_log_event_mail_metric_backup_or_other_file(found: list[Finding]) -> None:
    unexpected = {str(finding) for finding in found if finding.expected is None}
    assert not unexpected, "\n".join(sorted(unexpected)[:50])


def test_every_exception_is_still_needed(found: list[Finding]) -> None:
    assert set(EXPECTED) - {finding.expected for finding in found} == set()


def test_secrets_of_every_kind_were_used_in_tests_and_in_real_servers(used: list[Secret]) -> None:
    values: dict[str, set[bytes]] = defaultdict(set)
    for secret in used:
        values[secret.kind].add(secret.value)
    count = {kind: len(found) for kind, found in values.items()}
    assert TOKENS | SETTINGS | {PASSWORD, SIGNING_KEY, AUDIT_KEY, LINK_CODE} <= count.keys(), count
    assert min(count[kind] for kind in TOKENS) >= 10, count
    assert min(count[PASSWORD], count[SIGNING_KEY], count[AUDIT_KEY]) >= 50, count
    by_process = Counter(secret.process for secret in used)
    assert min(by_process[IN_TESTS], by_process[IN_PROGRAMS]) >= 500, by_process


def test_outputs_of_every_kind_were_searched(folder: Path) -> None:
    sizes = outputs(folder)
    assert {kind: sizes[kind] for kind in TEXTS | ROWS | FILES if sizes[kind] < 500} == {}
    assert sum(path.name == "server.log" for path in folder.rglob("server.log")) >= 50
    assert sum(path.name == "daypass.sqlite3" for path in folder.rglob("daypass.sqlite3")) >= 1000
