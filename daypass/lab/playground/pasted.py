"""Find the token in what people paste.

That is a header, a cookie, a curl command, a URL, JSON, or a token in quotes or on several lines.
"""

import re
from dataclasses import dataclass

LONGEST = 65_536  # characters: longer than any form that the server reads
QUOTES = "\"'`\u201c\u201d\u2018\u2019\u201e\u201a"  # straight and curly
EDGES = QUOTES + ",;"
SOURCES = {  # by the beginning of the pasted text
    "a curl command": re.compile(r"[$>#]?\s*curl(?:\.exe)?\s", re.IGNORECASE),
    "a Set-Cookie header": re.compile(r"['\"]?set-cookie['\"]?\s*:", re.IGNORECASE),
    "a Cookie header": re.compile(r"['\"]?cookie['\"]?\s*:", re.IGNORECASE),
    "an Authorization header": re.compile(r"['\"]?(?:proxy-)?authorization['\"]?\s*:|bearer\s", re.IGNORECASE),
    "a URL": re.compile(r"https?://", re.IGNORECASE),
    "JSON": re.compile(r"[{\[]"),
    "a cookie": re.compile(r"[\w!#$%&*.^`|~+-]{1,100}=(?=ey)"),
}
TOKEN = re.compile(r"(?<![\w.-])ey[\w-]*+(?:\.[\w-]*+){1,4}+(?![\w.-])", re.ASCII)
AFTER_BEARER = re.compile(r"bearer\s{1,10}([^\s\"'`]{1,16384})", re.IGNORECASE)
BROKEN_LINES = re.compile(r"[\w.=-]++(?:\s*[\r\n]\s*[\w.=-]++)++", re.ASCII)


@dataclass(frozen=True)
class Pasted:
    """The token in a pasted text. `source` is what it was found in, or empty if the text is the token itself."""

    text: str
    source: str = ""


def token_in(text: str) -> Pasted:
    """Find the token. Any text in which none is recognised is returned without quotes and white space around it."""
    text = text[:LONGEST].strip()
    for source, beginning in SOURCES.items():
        if beginning.match(text.lstrip(QUOTES)):
            found = _found(text)
            return Pasted(found, source) if found else Pasted(text)
    bare = text.strip(EDGES).strip()
    return Pasted("".join(bare.split()) if BROKEN_LINES.fullmatch(bare) else bare)


def _found(text: str) -> str:
    """The first text that looks like a token, otherwise whatever follows the word Bearer."""
    match = TOKEN.search(text)
    if match:
        return match[0]
    bearer = AFTER_BEARER.search(text)
    return bearer[1].rstrip(EDGES) if bearer else ""
