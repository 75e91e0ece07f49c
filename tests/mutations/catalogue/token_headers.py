"""Mutations of what a token's header may contain: ASVS 9.1.3 and 13.2.4, and the attacks on tokens 4, 15 to 25, 57."""

from tests.mutations.forgeries import refused, tokens
from tests.mutations.mutation import Edit, Mutation

CODEC = "daypass/tokens/codec.py"
MEMBERS_CHECK = 'if set(header) != HEADER_MEMBERS or header["typ"] != "JWT":'
FIND = '    key = ring.find(header["kid"]) if isinstance(header["kid"], str) else None\n'
ANY_MEMBERS = Edit(CODEC, MEMBERS_CHECK, 'if not HEADER_MEMBERS <= set(header) or header["typ"] != "JWT":')
SIDE_EFFECTS = "tests/security/test_side_effects.py::test_no_forgery_makes_the_app_fetch_a_key_or_run_a_command"


def fetching(member: str) -> str:
    """Lines that fetch the URL in a member of the header."""
    return f"        from urllib.request import urlopen\n\n        urlopen(header['{member}'], timeout=1).read()\n"


MUTATIONS = [
    Mutation(
        "unknown members of the header are ignored",
        rows=("9.1.3", *tokens(8, 15, 16, 17, 24, 25, 37, 38, 39, 57)),
        edits=(ANY_MEMBERS,),
        tests=(
            *refused(8, 15, 16, 17, 24, 25, 37, 38, 39, 57),
            "tests/tokens/test_codec.py::test_a_signed_token_with_an_unexpected_header_is_refused",
        ),
    ),
    Mutation(
        "the key in the header verifies",
        rows=tokens(15),
        edits=(
            ANY_MEMBERS,
            Edit(
                CODEC,
                "        ring.verifier(key.kid),",
                "        jwt.PyJWK(header['jwk']).key if 'jwk' in header else ring.verifier(key.kid),",
            ),
        ),
        tests=refused(15, algorithm="EdDSA"),
    ),
    Mutation(
        "the certificate in the header verifies",
        rows=tokens(17),
        edits=(
            ANY_MEMBERS,
            Edit(
                CODEC,
                "        ring.verifier(key.kid),",
                "        _certified(header) if 'x5c' in header else ring.verifier(key.kid),",
            ),
            Edit(
                CODEC,
                "def _key(",
                "def _certified(header: dict[str, Any]) -> Any:\n"
                "    import base64\n\n    from cryptography import x509\n\n"
                "    return x509.load_der_x509_certificate(base64.b64decode(header['x5c'][0])).public_key()\n\n\n"
                "def _key(",
            ),
        ),
        tests=refused(17, algorithm="ES256"),
    ),
    Mutation(
        "a key is fetched from the URL in the header",
        rows=("9.1.3", "13.2.4", *tokens(16)),
        edits=(
            Edit(
                CODEC,
                f"    {MEMBERS_CHECK}",
                f"    if isinstance(header.get('jku'), str):\n{fetching('jku')}    {MEMBERS_CHECK}",
            ),
        ),
        tests=(f"{SIDE_EFFECTS}[HS256]", *refused(16)),
    ),
    Mutation(
        "a key id that is a URL is fetched",
        rows=tokens(18),
        edits=(
            Edit(
                CODEC,
                FIND,
                f"    if str(header['kid']).startswith('http'):\n{fetching('kid')}{FIND}",
            ),
        ),
        tests=(f"{SIDE_EFFECTS}[HS256]", *refused(18)),
    ),
    Mutation(
        "a key id that is a path is opened",
        rows=tokens(19),
        edits=(
            Edit(
                CODEC,
                FIND,
                "    if str(header['kid']).startswith('/') and '\\0' not in header['kid']:\n"
                f"        open(header['kid']).close()\n{FIND}",
            ),
        ),
        tests=(f"{SIDE_EFFECTS}[HS256]", *refused(19)),
    ),
    Mutation(
        "a key id is part of a query",
        rows=tokens(20),
        edits=(
            Edit(
                "daypass/keys/ring.py",
                "        return self._by_kid.get(kid)",
                "        import sqlite3\n\n"
                "        with sqlite3.connect(':memory:') as db:\n"
                "            db.execute('CREATE TABLE k (kid)')\n"
                "            db.executemany('INSERT INTO k VALUES (?)', [(each,) for each in self._by_kid])\n"
                "            found = db.execute(f\"SELECT kid FROM k WHERE kid = '{kid}'\").fetchone()\n"
                "        return self._by_kid.get(found[0]) if found else None",
            ),
        ),
        tests=refused(20),
    ),
    Mutation(
        "a key id is part of a command",
        rows=tokens(21),
        edits=(
            Edit(
                CODEC,
                FIND,
                "    import subprocess\n\n"
                f"    subprocess.run('true ' + str(header['kid'])[:999].replace('\\0', ''), shell=True)\n{FIND}",
            ),
        ),
        tests=(f"{SIDE_EFFECTS}[HS256]", *refused(21)),
    ),
    Mutation(
        "an unknown key id is that of the signing key",
        rows=tokens(18, 19, 20, 21, 22),
        edits=(
            Edit(
                CODEC,
                FIND,
                '    key = ring.find(header["kid"]) if isinstance(header["kid"], str) else None\n'
                "    key = key or ring.signing\n",
            ),
        ),
        tests=refused(18, 19, 20, 21, 22),
    ),
    Mutation(
        "the type of a token is not checked",
        rows=tokens(8, 40),
        edits=(Edit(CODEC, ' or header["typ"] != "JWT":', ":"),),
        tests=refused(8, 40),
    ),
    Mutation(
        "a name may occur twice",
        rows=tokens(4, 45, 53),
        edits=(Edit("daypass/tokens/strict_json.py", "        if name in members:", "        if False:"),),
        tests=refused(4, 45, 53),
    ),
    Mutation(
        "an odd number in a header is read",
        rows=tokens(57),
        edits=(
            ANY_MEMBERS,
            Edit("daypass/tokens/strict_json.py", ", parse_constant=_no_constant, parse_float=_finite", ""),
        ),
        tests=refused(57),
    ),
]
