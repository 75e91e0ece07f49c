"""Administrators' pages do as much work for many accounts as for few.

`benchmarks.many_accounts` measures their time with a million accounts. Here SQLite counts the instructions of its
virtual machine, which no other load on the machine changes.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from benchmarks.many_accounts import PAGES, Site, site
from daypass.database.models import Account
from daypass.runtime import Runtime

FEW, MANY = 1_000, 10_000
MOST_RATIO = 1.5
STEP = 10  # instructions between two calls of the handler


class CountedSite:
    """A site whose SQLite connections count the instructions that they run."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.steps = 0
        runtime: Runtime = site.client.application.extensions["daypass"]
        event.listen(runtime.engine, "connect", lambda connection, _: self._count_on(connection))
        runtime.engine.dispose()

    def _count_on(self, connection: object) -> None:
        connection.set_progress_handler(self._note, STEP)  # type: ignore[attr-defined]

    def _note(self) -> int:
        self.steps += 1
        return 0

    def work(self, act: Callable[[], object]) -> int:
        """The instructions of an act when it is repeated, in steps."""
        act()
        self.steps = 0
        act()
        return self.steps

    def count_accounts(self) -> None:
        """A query that takes longer with each account."""
        runtime: Runtime = self.site.client.application.extensions["daypass"]
        with runtime.engine.connect() as connection:
            connection.execute(select(func.count()).where(Account.name != ""))


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CountedSite, CountedSite]]:
    folder: Path = tmp_path_factory.mktemp("accounts")
    urls = [f"sqlite:///{folder}/{name}.sqlite3" for name in ("few", "many")]
    with site(urls[0], FEW, folder) as few, site(urls[1], MANY, folder) as many:
        yield CountedSite(few), CountedSite(many)


@pytest.mark.parametrize("url", PAGES)
def test_a_page_does_as_much_work_with_many_accounts_as_with_few(
    sites: tuple[CountedSite, CountedSite], url: str
) -> None:
    few, many = (each.work(partial(each.site.seconds, url)) for each in sites)
    assert many <= few * MOST_RATIO + 20, f"{many} steps of {STEP} instructions instead of {few}"


def test_a_query_of_all_accounts_would_be_noticed(sites: tuple[CountedSite, CountedSite]) -> None:
    few, many = (each.work(each.count_accounts) for each in sites)
    assert many > few * MOST_RATIO + 20
