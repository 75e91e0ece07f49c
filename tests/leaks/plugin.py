"""The part of the collection that runs in pytest's own processes."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.leaks.collection import IN_TESTS, collection
from tests.leaks.observing import observe

STARTUP = Path(__file__).parent / "startup"

if collection:
    collection.process = IN_TESTS
    observe(collection)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(STARTUP), os.environ.get("PYTHONPATH")]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Record what was written to standard output and standard error during each phase of a test."""
    report = yield
    if collection:
        for heading, text in report.sections:
            name, _, phase = heading.removeprefix("Captured ").partition(" ")
            if phase == report.when and name in ("stdout", "stderr"):
                collection.add_output(name, text)
    return report
