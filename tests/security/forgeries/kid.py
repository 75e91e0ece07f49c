"""Key ids that are paths, queries, commands or malformed."""

from collections.abc import Iterator
from pathlib import Path

from tests.security.forging import Forgery, Target, row

KNOWN_FILES = {"/dev/null": b"", "/proc/sys/kernel/ostype": b"Linux\n", "/proc/sys/kernel/randomize_va_space": b"2\n"}
SECRET = b"attacker"
QUERIES = {
    "quote": "'",
    "double-quote": '"',
    "always-true": "x' OR '1'='1",
    "union": "x' UNION SELECT 'attacker' -- ",
    "union-of-rows": "x' UNION SELECT 'x','HS256',x'61747461636b6572',0 -- ",
    "drop": "x'; DROP TABLE sessions; --",
    "number": "0 OR 1=1",
    "like": "%",
    "slow": "x' OR (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x FROM c) -- ",
}


@row(19, "kid-is-a-path")
def kid_is_a_path(target: Target) -> Iterator[Forgery]:
    for path, content in KNOWN_FILES.items():
        up = "../" * 8 + path.lstrip("/")
        for name, kid in {"absolute": path, "relative": up, "url": f"file://{path}", "nul": f"{path}\0.pem"}.items():
            for alg in ("HS256", "HS512"):
                header = {"alg": alg, "typ": "JWT", "kid": kid}
                yield Forgery(f"{name}-{Path(path).name}-{alg}", target.signed_by(content, alg, header))
        yield Forgery(f"{Path(path).name}-signed-by-us", target.signed(target.header | {"kid": path}))


@row(20, "kid-is-a-query")
def kid_is_a_query(target: Target) -> Iterator[Forgery]:
    for name, query in QUERIES.items():
        for start, kid in {"": query, "-after-ours": target.key.kid + query.removeprefix("x")}.items():
            yield Forgery(
                f"{name}{start}", target.signed_by(SECRET, "HS256", {"alg": "HS256", "typ": "JWT", "kid": kid})
            )
            yield Forgery(f"{name}{start}-signed-by-us", target.signed(target.header | {"kid": kid}))


@row(21, "kid-is-a-command")
def kid_is_a_command(target: Target) -> Iterator[Forgery]:
    touch = f"touch {target.canary}"
    kids = {
        "shell": f"x; {touch}",
        "shell-pipe": f"| {touch}",
        "shell-substitution": f"$({touch})",
        "shell-backticks": f"`{touch}`",
        "python": f"__import__('os').system('{touch}')",
        "template": "{{ 7*7 }}{{ config }}${7*7}#{7*7}",
        "ldap": "*)(uid=*))(|(uid=*",
        "format": "%s%s%s%n%x{0}{self.__class__}",
        "log4shell": "${jndi:" + target.listener.replace("http", "ldap") + "}",
        "log-line": 'x"}\n{"event":"sign_in","outcome":"success"}',
        "crlf": "x\r\nSet-Cookie: daypass=evil",
        "escape-sequence": "\x1b[2J\x1b]0;evil\x07",
        "html": "<img src=x onerror=alert(1)>",
        "nul": f"{target.key.kid}\0",
        "long": "k" * 2500,
        "unicode": "\u202e\u2028\ufeff\U0001f511",
        "proto": "__proto__",
        "class": "__class__",
    }
    for name, kid in kids.items():
        yield Forgery(name, target.signed_by(SECRET, "HS256", {"alg": "HS256", "typ": "JWT", "kid": kid}))
        yield Forgery(f"{name}-signed-by-us", target.signed(target.header | {"kid": kid}))


@row(22, "kid-is-invalid")
def kid_is_invalid(target: Target) -> Iterator[Forgery]:
    ours = target.key.kid
    kids: dict[str, object] = {
        "number": 1,
        "huge-number": 2**70,
        "float": 0.5,
        "null": None,
        "true": True,
        "list": [ours],
        "empty-list": [],
        "object": {"kid": ours},
        "empty": "",
        "lone-surrogate": "\ud800",
        "unknown": "f" * 16,
        "space-behind": f"{ours} ",
        "space-before": f" {ours}",
        "newline-behind": f"{ours}\n",
        "upper-case": ours.upper() if ours.upper() != ours else "A",
        "cut": ours[:-1],
        "full-width": "".join(chr(ord(character) + 0xFEE0) for character in ours),
    }
    for name, kid in kids.items():
        yield Forgery(f"{name}-signed-by-us", target.signed(target.header | {"kid": kid}))
        yield Forgery(f"{name}-signature-kept", target.with_kept_signature(target.header | {"kid": kid}))
    alone = {"alg": target.header["alg"], "typ": "JWT"}
    yield Forgery("missing-signed-by-us", target.signed(alone))
    yield Forgery("missing-signature-kept", target.with_kept_signature(alone))
