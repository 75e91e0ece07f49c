"""Count what a task takes in the browser: pages, fields, clicks and seconds, and what docs/five-tasks.md says of it."""

import re
import time
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

from tests.helpers.project import ROOT

TEXT = (ROOT / "docs" / "five-tasks.md").read_text()
ROW = re.compile(r"^\| (\D[^|]*) \| (\d+) \| (\d+) \| (\d+) \| [\d.]+ \|$", re.MULTILINE)


@dataclass
class Count:
    """Pages seen, fields filled in, and clicks, of all people who take part in a task."""

    pages: int = 0
    fields: int = 0
    clicks: int = 0

    def exceeds(self, other: "Count") -> bool:
        """Whether any of the three is larger."""
        return self.pages > other.pages or self.fields > other.fields or self.clicks > other.clicks


@dataclass
class Task:
    """A task that one or several people do, each on a page of their own. It begins when it is created."""

    count: Count = field(default_factory=Count)
    began: float = field(default_factory=time.monotonic)

    def person(self, page: Page) -> "Person":
        """Somebody who takes part, with a browser of their own."""
        page.on("domcontentloaded", self._saw_a_page)
        return Person(self, page)

    def _saw_a_page(self, _: Page) -> None:
        self.count.pages += 1

    def seconds(self) -> float:
        """How long the task has taken so far."""
        return time.monotonic() - self.began


@dataclass
class Person:
    """Somebody at a browser, whose acts are counted. To open an address counts as a page, not as a click."""

    task: Task
    page: Page

    def click(self, target: Locator) -> None:
        self.task.count.clicks += 1
        target.click()

    def press(self, button: str) -> None:
        """Press a button that the document names."""
        assert f"**{button}**" in TEXT
        self.click(self.page.get_by_role("button", name=button, exact=True))

    def follow(self, link: str) -> None:
        """Follow a link that the document names."""
        assert f"**{link}**" in TEXT
        self.click(self.page.get_by_role("link", name=link, exact=True))

    def fill(self, **fields: str) -> None:
        """Fill in fields by label: `last_day` stands for “Last day”."""
        for label, text in fields.items():
            self.task.count.fields += 1
            self.page.get_by_label(label.replace("_", " ").capitalize(), exact=True).fill(text)

    def copy(self, selector: str) -> str:
        """Copy a text with its button, or without scripts by selecting it; returns it."""
        button = self.page.get_by_role("button", name=re.compile("^Copy"))
        text = self.page.locator(selector)
        self.click(button if button.is_visible() else text)
        return re.sub(r"\s", "", text.inner_text())


def documented() -> dict[str, Count]:
    """The counts of each task in the document."""
    return {title: Count(*map(int, numbers)) for title, *numbers in ROW.findall(TEXT)}


def documented_rules() -> str:
    """The rules file of the document."""
    (rules,) = re.findall(r"^```toml\n(.+?)^```", TEXT, re.DOTALL | re.MULTILINE)
    return str(rules)
