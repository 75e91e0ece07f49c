"""The rows of SECURITY.md that have a number, with the tests that each of them names."""

from tests.helpers.security_document import named_tests, numbered_rows, section

SECTIONS = {  # of SECURITY.md, with the word that stands before the numbers of its rows in this folder
    "Requirements": "",
    "Attacks on tokens": "token ",
    "Attacks around the token": "",
    "Attacks on a gate behind a proxy": "proxy ",
}


def rows() -> dict[str, set[str]]:
    """The tests by row: `6.2.3` of ASVS, `token 5`, `proxy 12`, and `C3`, `H4` and the like."""
    found: dict[str, set[str]] = {}
    for heading, word in SECTIONS.items():
        for number, proof in numbered_rows(heading):
            tests = named_tests(proof)
            if proof.partition(";")[0].strip() == "F":
                tests |= _meaning_of_f(heading)
            found.setdefault(word + number, set()).update(tests)
    return found


def _meaning_of_f(heading: str) -> set[str]:
    """The test for which the table of a section writes F."""
    return named_tests(next(line for line in section(heading).splitlines() if "“F” is" in line))
