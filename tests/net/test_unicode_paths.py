"""Path segments that some software reads as another path are refused."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daypass.errors import AmbiguousTarget
from daypass.net.paths import check_decoded_path
from daypass.net.unicode_paths import TOO_MANY_MARKS, ambiguity
from daypass.rules.patterns import read_pattern

AMBIGUOUS = [
    "admin.",
    "admin..",
    "admin ",
    "admin. ",
    "admin .",
    "admin\u00a0",
    "admin\u3000",
    "admin\u2026",
    "...",
    " ",
    " .",
    "\uff0e",
    "\uff0e\uff0e",
    ".\uff0e",
    "\u2024\u2024",
    "\u2025",
    "\u2026",
    "admin\uff0e",
    "report\uff0epdf",
    "report\ufe52pdf",
    "report\u2024pdf",
    "\u2488pdf",
    "\ufe19",
    "\ufe30",
    "a\uff0fb",
    "a\u2100b",
    "a\uff3cb",
    "a\ufe68b",
    "a\uff1bb",
    "a\u037eb",
    "a\uff052e\uff052eb",
    "a%\uff12e",
    "a\ufe6a2fb",
    "\u200b",
    ".\u200b.",
    "\u200b.",
    "admin.\u200b",
    "admin \u2060",
    "\u200b.git",
    "\u2026git",
    "\ufeff",
    "\u00ad.",
    "%\u200b2e",
    "\u3164",
    "\U000e0020.",
]
ORDINARY = [
    "index.html",
    "Über uns",
    "Ελλάδα.pdf",
    "日本語のページ.html",
    "\uff21\uff22\uff23報告書.html",
    "\uff11\uff10\uff10\uff05.html",
    "何\uff1f.txt",
    "第\uff11章(\uff12).txt",
    "株式会社\u3231.txt",
    "ｱｲｳ.txt",
    "你好\u3002再见.html",
    "こんにちは\u3002",
    "한국어.html",
    "مرحبا.html",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.html",
    "क्\u200dष.html",
    "👩\u200d👩\u200d👧.png",
    "❤\ufe0f.png",
    "Wait\u2026 for it.mp3",
    "To be continued\u2026.mp3",
    "½ cup.txt",
    "ﬁle.txt",
    "x²™.txt",
    " leading",
    "a\u00a0b.txt",
    "v1.2.3",
    "100%",
    "C++ & C#",
    "cafe\u0301",
]


@pytest.mark.parametrize("segment", AMBIGUOUS, ids=ascii)
@pytest.mark.parametrize("around", ["/{}", "/{}/", "/docs/{}/x.html", "/docs/{}"])
def test_a_segment_that_some_software_reads_otherwise_is_refused(segment: str, around: str) -> None:
    with pytest.raises(AmbiguousTarget):
        check_decoded_path(around.format(segment))


@pytest.mark.parametrize("segment", ORDINARY, ids=ascii)
def test_international_names_are_left_alone(segment: str) -> None:
    assert check_decoded_path(f"/docs/{segment}/x.html") == unicodedata.normalize("NFC", f"/docs/{segment}/x.html")


@pytest.mark.parametrize("segment", AMBIGUOUS, ids=ascii)
def test_no_rule_is_written_for_a_path_that_is_refused(segment: str) -> None:
    for path in (f"/docs/{segment}", f"/docs/{segment}/*.pdf"):
        with pytest.raises(ValueError, match="could never match"):
            read_pattern(path)


CHARACTERS = [chr(code) for code in range(0x80, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]


def is_refused(path: str) -> bool:
    try:
        check_decoded_path(path)
    except AmbiguousTarget:
        return True
    return False


def test_every_character_that_nfkc_turns_into_structure_is_refused() -> None:
    becoming = [character for character in CHARACTERS if set("./\\;") & set(unicodedata.normalize("NFKC", character))]
    assert len(becoming) > 40
    assert [ascii(character) for character in becoming if not is_refused(f"/docs/a{character}b")] == [ascii("\u2026")]


def test_every_letter_of_every_script_is_left_alone() -> None:
    letters = [character for character in CHARACTERS if unicodedata.category(character)[0] == "L"]
    assert len(letters) > 100_000
    assert [ascii(character) for character in letters if is_refused(f"/docs/a{character}b.html")] == []


MIXED = "ab./ %2e\uff0e\u2024\u2026\uff0f\uff05\uff12\u200b\u00ad\u00a0\u3000\u00e9\uff41"


@given(st.text(st.sampled_from(MIXED), max_size=12))
def test_an_accepted_path_has_the_same_segments_after_normalizing_and_stripping(text: str) -> None:
    if is_refused(f"/{text}"):
        return
    path = check_decoded_path(f"/{text}")
    read = unicodedata.normalize("NFKC", path.replace("\u200b", "").replace("\u00ad", ""))
    read = "/".join(segment.rstrip(". ") for segment in read.split("/"))
    assert [bool(segment) for segment in read.split("/")] == [bool(segment) for segment in path.split("/")]
    assert not {".", ".."} & set(read.split("/"))
    assert "%2e" not in read or "%2e" in path


def test_a_long_run_of_combining_marks_is_refused_before_it_is_normalized() -> None:
    """Normalizing sorts each run of marks, in quadratic time."""
    assert check_decoded_path("/a" + "\u0301\u0327" * 15)
    with pytest.raises(AmbiguousTarget, match="more than 30 combining marks"):
        check_decoded_path("/a" + "\u0301\u0327" * 15 + "\u0301")
    assert ambiguity("a" + "\u0301" * 31) == TOO_MANY_MARKS
