"""What the lab shows of its form, as variables of the template."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from daypass.keys.algorithms import Algorithm, is_shared
from daypass.lab.playground import clock, comparison, first_steps, key_text, parsing, presentation, python_code, times
from daypass.lab.playground.actions import recipe
from daypass.lab.playground.errors import LabError
from daypass.lab.playground.expiries import EXPIRIES
from daypass.lab.playground.explanations import explain
from daypass.lab.playground.verification import Verification, verify
from daypass.lab.playground.workbench import EXAMPLE_KEY, Workbench
from daypass.web.request_errors import KeyRateLimited


def details(
    bench: Workbench,
    moment: datetime,
    *,
    signed_from: Workbench | None = None,
    error: LabError | KeyRateLimited | None = None,
) -> dict[str, Any]:
    """The variables. moment: the time on the lab's clock. signed_from: the form from which the token was signed."""
    judgement, wrong_key = _verification(bench, moment)
    choices = {
        "algorithms": list(Algorithm),
        "expiries": EXPIRIES,
        "leeways": clock.LEEWAYS,
        "steps": first_steps.STEPS,
    }
    return choices | {
        "bench": bench,
        "finished": first_steps.read(bench.steps),
        "example_key": EXAMPLE_KEY,
        "moment": moment,
        "new_key": False,
        "error": error or wrong_key,
        "shared": is_shared(bench.algorithm),
        "key_notes": _key_notes(bench),
        "programs": _programs(bench, signed_from),
        "comparison": comparison.compare(bench.token, bench.other) if bench.other else None,
        **_token_details(bench, judgement, moment),
    }


def _token_details(bench: Workbench, judgement: Verification | None, moment: datetime) -> dict[str, Any]:
    """The parts of the token, the verdict, and its times."""
    parts = presentation.parts(bench.token, bench.original, moment) if bench.token else ()
    reading = parsing.read(bench.token)
    token_times = times.token_times(reading.claims, moment, bench.leeway)
    return {
        "fault": reading.fault if bench.token else "",
        "parts": parts,
        "titles": presentation.TITLES,
        "swap": presentation.changed_character(bench.token, bench.original),
        "judgement": judgement,
        "marks": presentation.marks(
            parts, judgement.blame if judgement else None, judgement.message if judgement else ""
        ),
        "reason": explain(judgement.message, bench.token, presentation.changed_parts(parts)) if judgement else "",
        "times": token_times,
        "next_change": times.next_change(token_times),
    }


def _verification(bench: Workbench, moment: datetime) -> tuple[Verification | None, LabError | None]:
    """The verdict on the token, or the error in the key.

    Both are None without a token or key.
    """
    if not bench.token or not bench.key:
        return None, None
    try:
        return verify(bench.token, key=bench.key_text, algorithm=bench.algorithm, now=moment, leeway=bench.leeway), None
    except LabError as error:
        return None, error


def _key_notes(bench: Workbench) -> dict[str, Any]:
    """The public key and remarks on the strength of a secret; each is empty if there is none."""
    try:
        public = "" if is_shared(bench.algorithm) else key_text.public_text(bench.key, bench.algorithm)
        return {"public": public, "remarks": key_text.remarks(bench.key_text, bench.algorithm)}
    except LabError:
        return {"public": "", "remarks": ()}


def _programs(bench: Workbench, signed_from: Workbench | None) -> dict[str, str]:
    """Python code that does the same as the lab.

    `make` creates the token, if it was just signed; `check` verifies it.
    """
    programs = {"make": python_code.encoding_program(**recipe(signed_from))} if signed_from else {}
    with suppress(LabError):
        if bench.token and bench.key:
            programs["check"] = python_code.decoding_program(
                bench.token, key=bench.key_text, algorithm=bench.algorithm, leeway=bench.leeway
            )
    return programs
