"""SECURITY.md has a row for every requirement of ASVS 5.0 that applies to Daypass."""

import re

from tests.helpers.security_document import numbered_rows

# ASVS 5.0.0, levels 1 and 2, and 7.5.3 of level 3, in chapters V3, V6 to V9, V11, V13 and V16
REQUIREMENTS = """
3.2.1 3.2.2 3.3.1 3.3.2 3.3.3 3.3.4 3.4.1 3.4.2 3.4.3 3.4.4 3.4.5 3.4.6 3.5.1 3.5.2 3.5.3 3.5.4 3.7.1 3.7.2
6.1.1 6.1.2 6.1.3 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.2.9 6.2.10 6.2.11 6.2.12 6.3.1 6.3.2 6.3.3
6.3.4 6.4.1 6.4.2 6.4.3 7.1.1 7.1.2 7.1.3 7.2.1 7.2.2 7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2 7.4.3 7.4.4 7.4.5
7.5.1 7.5.2 7.5.3 7.6.1 7.6.2 8.1.1 8.1.2 8.2.1 8.2.2 8.2.3 8.3.1 9.1.1 9.1.2 9.1.3 9.2.1 9.2.2 9.2.3 9.2.4
11.1.1 11.1.2 11.2.1 11.2.2 11.2.3 11.4.1 11.4.2 11.4.3 11.5.1 11.6.1 13.2.3 13.2.4 13.3.1 13.3.2 13.4.1
13.4.2 13.4.3 13.4.4 13.4.5 16.1.1 16.2.1 16.2.2 16.2.5 16.3.1 16.3.2 16.3.3 16.3.4 16.4.1 16.5.1 16.5.2
16.5.3
"""
PROOFS = dict(numbered_rows("Requirements"))


def test_every_requirement_has_a_row_of_its_own() -> None:
    wanted = set(REQUIREMENTS.split())
    assert len(wanted) == 103
    assert sorted(wanted - PROOFS.keys()) == []


def test_every_row_names_a_test_or_a_section() -> None:
    assert [id_ for id_, proof in PROOFS.items() if not re.search(r"`tests/\S+::\w+`|\]\(", proof)] == []
