"""Two versions of Daypass serve one database while its nodes are upgraded one after the other."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import PASSWORD, SECRET_KEY
from tests.helpers.project import ROOT, copy_project
from tests.helpers.server import Server, running
from tests.integration.faults.load import (
    Attempt,
    background_load,
    eventually,
    get_gated_page,
    sign_in,
    sign_out,
)

MODELS = "daypass/database/models.py"
COLUMN = "    password_hash: Mapped[str]"
NEW_COLUMN = '    favourite: Mapped[str | None] = mapped_column(String(32), default="heron")\n'
MIGRATION = """\
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{newest}", None, None


def upgrade() -> None:
    op.create_table("favourites", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("accounts", sa.Column("favourite", sa.String(32)))
    op.add_column("sessions", sa.Column("theme", sa.String(32), nullable=False, server_default="light"))
"""


@pytest.fixture(scope="module")
def next_version(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The next version of the program, whose accounts have one more column, and the migration that adds it."""
    project = copy_project(tmp_path_factory.mktemp("next"))
    versions = project / "daypass/database/migrations/versions"
    newest = max(path.stem.partition("_")[0] for path in versions.glob("[0-9]*.py"))
    (versions / "9999_favourites.py").write_text(MIGRATION.format(newest=newest))
    models = (project / MODELS).read_text()
    assert models.count(COLUMN) == 1
    (project / MODELS).write_text(models.replace(COLUMN, NEW_COLUMN + COLUMN))
    return project


@pytest.fixture
def nodes(database_url: str, tmp_path: Path) -> Iterator[list[Server]]:
    """Two nodes of this version on one database, in which alice has an account."""
    environ = {
        "DAYPASS_DATABASE_URL": database_url,
        "DAYPASS_SECRET_KEY": SECRET_KEY,
        "DAYPASS_BASE_URL": "http://login.example.org",
    }
    with ExitStack() as stack:
        folders = [tmp_path / "first", tmp_path / "second"]
        for folder in folders:
            folder.mkdir()
        servers = [stack.enter_context(running(folder, **environ)) for folder in folders]
        servers[0].command("user", "add", "alice", "--password-stdin", stdin=PASSWORD)
        yield servers


def restart(node: Server, project: Path) -> None:
    """Stop a node, and start the program in this folder in its place."""
    node.stop()
    node.project = project
    node.start()


def assert_sessions_are_shared(one: Server, other: Server) -> None:
    """A session that started on either node is valid on the other, and ends on both when it is ended there."""
    for first, second in ((one, other), (other, one)):
        token = first.sign_in("alice", PASSWORD)
        assert get_gated_page(second, token).status == 200
        assert sign_out(second, token).status in (200, 204, 303)
        assert eventually(partial(is_refused, first, token))


def is_refused(node: Server, token: str) -> bool:
    return get_gated_page(node, token).status == 401


@pytest.mark.each_database
def test_nodes_are_upgraded_one_after_the_other_and_nobody_notices(nodes: list[Server], next_version: Path) -> None:
    first, second = nodes
    token = first.sign_in("alice", PASSWORD)
    attempts = list[Attempt]()
    for upgraded, serving in ((second, first), (first, second)):
        actions = [partial(get_gated_page, serving, token), partial(sign_in, serving, "alice")]
        with background_load(actions, 0.1) as load:
            restart(upgraded, next_version)
            assert_sessions_are_shared(first, second)
            assert serving.request("GET", "/readyz").status == 200
        attempts += load
    assert len(attempts) > 10
    assert [str(attempt) for attempt in attempts if attempt.status != 200] == []
    assert get_gated_page(first, token).status == 200


@pytest.mark.each_database
def test_a_key_that_the_new_version_rotates_is_known_to_the_old_one(nodes: list[Server], next_version: Path) -> None:
    old, new = nodes
    restart(new, next_version)
    new.command("keys", "rotate")
    token = new.sign_in("alice", PASSWORD)
    assert get_gated_page(old, token).status == 200
    assert get_gated_page(new, old.sign_in("alice", PASSWORD)).status == 200


@pytest.mark.each_database
def test_an_old_node_does_not_start_beside_a_new_one(nodes: list[Server], next_version: Path) -> None:
    old, new = nodes
    restart(new, next_version)
    assert get_gated_page(old, new.sign_in("alice", PASSWORD)).status == 200
    with pytest.raises(RuntimeError, match="from a newer version of Daypass than this one"):
        restart(old, ROOT)
    assert get_gated_page(new, new.sign_in("alice", PASSWORD)).status == 200
