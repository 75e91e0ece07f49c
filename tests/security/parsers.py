"""Parsers that read a request, each with hostile shapes and the longest input that can reach it."""

import ipaddress
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import quote, unquote

from ua_parser import parse as parse_user_agent
from werkzeug import http
from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from daypass.accounts.names import canonical
from daypass.errors import DaypassError
from daypass.keys.algorithms import Algorithm
from daypass.lab.playground import (
    clock,
    comparison,
    descriptions,
    json_fields,
    key_text,
    parsing,
    pasted,
    pem,
    presentation,
    secret_strength,
    tampering,
)
from daypass.lab.playground.algorithms import Kind
from daypass.net import hosts, paths, redirect_target, request_target
from daypass.net.client import forwarded_client
from daypass.rules.patterns import read_pattern
from daypass.tokens import base64url, codec, strict_json
from daypass.web.credentials import find_cookie

HEAD, COOKIE, BODY = 16 * 1024, 8 * 1024, 64 * 1024  # characters
USER_AGENT = 256  # of a User-Agent are stored, and read again when the list of sessions is shown
REFUSALS = (DaypassError, HTTPException, ValueError, RecursionError)
NOW = datetime(2026, 11, 28, tzinfo=UTC)


@dataclass(frozen=True)
class Parser:
    """A parser, the longest input that reaches it, and shapes of input: a prefix, and text that is repeated."""

    parse: Callable[[str], object]
    longest: int
    shapes: tuple[tuple[str, str], ...]

    def act(self, shape: tuple[str, str], length: int) -> Callable[[], None]:
        """Parse an input of this shape and length. Refusing it is a result, too."""
        prefix, repeated = shape
        text = (prefix + repeated * (length // len(repeated) + 1))[:length]

        def act() -> None:
            with suppress(*REFUSALS):
                self.parse(text)

        return act


def shapes(*repeated: str, after: tuple[str, ...] = ("",)) -> tuple[tuple[str, str], ...]:
    return tuple((prefix, text) for prefix in after for text in repeated)


LISTS = ("a", " ", "\t", ",", ";", "=", '"', "\\", '\\"', "a,", "a;", "a=b;", 'a="', 'a="b",', "a*0=b;", "a*=u''%41;")
PREFERENCES = (*LISTS, "a/b;q=1,", "a;q=0.5,", "en-", "*/*,", "a/b;c=d,")
PATHS = (
    "a",
    "/",
    "a/",
    "../",
    ".",
    "a.",
    "%",
    "%41",
    "%c3%a9",
    "%cc%81",
    "%e2%80%8b",
    ";",
    "\\",
    "?",
    "#",
    " ",
    "\u0301",
)
JSON = ("[", '{"a":', "9", "1.", "1e", '"', "\\", '"\\', "\\u0041", "\\ud800", " ", "\n", ",", '"a":1,', "-", "[],")
TOKENS = ("a", ".", "a.", "=", "-", "_", "é", "eyJ", " ")


class FormRequest(Request):
    """A request whose files stay in memory, so that a refused form leaves none open."""

    max_content_length = BODY

    def _get_file_stream(self, *details: object, **more: object) -> BytesIO:
        return BytesIO()


def _form(content_type: str) -> Callable[[str], object]:
    def parse(text: str) -> object:
        request = FormRequest(
            EnvironBuilder(method="POST", data=text.encode(), content_type=content_type).get_environ()
        )
        return request.form, request.files

    return parse


def _json_body(text: str) -> object:
    environ = EnvironBuilder(method="POST", data=text.encode(), content_type="application/json").get_environ()
    return Request(environ).get_json(silent=True)


def _query(text: str) -> object:
    return Request({"QUERY_STRING": text.encode("utf-8").decode("latin-1"), "REQUEST_METHOD": "GET"}).args


def _host(text: str) -> object:
    return Request({"HTTP_HOST": text, "REQUEST_METHOD": "GET", "wsgi.url_scheme": "http", "SERVER_NAME": "a"}).url


def _reading(text: str) -> object:
    reading = parsing._split(text)  # without the memory of the last reading
    return reading, descriptions.explain_claims(reading.claims, NOW), presentation.pieces(text, text[::2])


def _encoded(text: str) -> object:
    token = f"{base64url.encode_base64url(text.encode())}.{base64url.encode_base64url(text.encode())}.AAAA"
    return _reading(token)


GLOBS = [read_pattern(text) for text in ("/**/*a*a*a*b", "/**/a/**/a/**/b", "/**/*/**/b", "/*a*b*c", "/a")]
PROXIES = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1"))
PART = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
FILE = '--b\r\nContent-Disposition: form-data; name="a"; filename="f"\r\n\r\n'
IN_HEADER = "--b\r\nContent-Disposition: form-data; name=a"
BAIT = ("\r\n--", "\r\n-", "\r\n--a", "\r\n--b ", "--b\r\n", "\r\n--b\r\n", "-", "\r", "\n", "\r\n")
PEM_HALF = "-----BEGIN PUBLIC KEY-----"

PARSERS: dict[str, Parser] = {
    "Accept": Parser(lambda t: http.parse_accept_header(t, MIMEAccept), HEAD, shapes(*PREFERENCES)),
    "Accept-Encoding": Parser(http.parse_accept_header, HEAD, shapes(*PREFERENCES)),
    "Accept-Language": Parser(lambda t: http.parse_accept_header(t, LanguageAccept), HEAD, shapes(*PREFERENCES)),
    "Range": Parser(
        http.parse_range_header, HEAD, shapes(*LISTS, "0-0,", "9", "0-", "-1,", after=("", "bytes=", "bytes=0-"))
    ),
    "If-Range": Parser(http.parse_if_range_header, HEAD, shapes(*LISTS, "W/", "Mon, ", "0", "(")),
    "If-None-Match": Parser(http.parse_etags, HEAD, shapes(*LISTS, 'W/"a",', '"a"', "W/", "*", 'w/"')),
    "If-Modified-Since": Parser(
        http.parse_date,
        HEAD,
        shapes(*LISTS, "Mon, ", "(", "()", "0", "0:", "-", "Mon, 01 ", after=("", "Mon, 01 Jan 2024 ")),
    ),
    "Authorization": Parser(
        lambda t: Request({"HTTP_AUTHORIZATION": t}).authorization,
        HEAD,
        shapes(*LISTS, after=("", "Digest ", "Basic ", "Bearer ")),
    ),
    "Content-Type": Parser(
        http.parse_options_header, HEAD, shapes(*LISTS, after=("", "multipart/form-data; boundary=", 'text/plain; a="'))
    ),
    "Cookie": Parser(lambda t: find_cookie(t, "daypass"), COOKIE, shapes(*LISTS, after=("", "daypass=", 'daypass="'))),
    "Cache-Control": Parser(lambda t: Request({"HTTP_CACHE_CONTROL": t}).cache_control, HEAD, shapes(*LISTS)),
    "Host": Parser(_host, HEAD, shapes("a", ".", "a.", ":", "[", "0.", "-", "@", "/", "é")),
    "X-Forwarded-For": Parser(
        lambda t: forwarded_client("127.0.0.1", t, PROXIES),
        HEAD,
        shapes("127.0.0.1,", ",", " ", ":", "[", "0", "0.", "::1,", "%", ", "),
    ),
    "X-Forwarded-Host": Parser(hosts.parse_host, HEAD, shapes("a", ".", "a.", "-", "0", "0.", "0x", ":", "[", "a-")),
    "X-Original-URL": Parser(
        lambda t: request_target.from_url(t, "GET"),
        HEAD,
        shapes(*PATHS, "é", after=("https://", "https://a.example/", "https://a.example/?")),
    ),
    "typed address": Parser(
        lambda t: request_target.from_typed_url(t, "GET"), BODY, shapes(*PATHS, "é", "://", "\ud800")
    ),
    "path": Parser(
        lambda t: paths.check_decoded_path(unquote(t)),
        HEAD,
        shapes(*PATHS, *map(quote, ("\u0301\u0327", "\ufdfa", "\u2026", "\u200b", "e\u0301/")), after=("/",)),
    ),
    "request target": Parser(paths.parse_path, HEAD, shapes(*PATHS, after=("/", "/?"))),
    "next, a path": Parser(redirect_target.safe_path, BODY, shapes(*PATHS, "//", "[", "]", "@", after=("", "/"))),
    "next, a URL": Parser(
        lambda t: redirect_target.safe_url(t, "https://a.example", {"a": None}),
        BODY,
        shapes(*PATHS, "a.", "-", "0.", after=("https://", "https://a/")),
    ),
    "rules, for a path": Parser(
        lambda t: [glob.matches(paths.path_segments(t)) for glob in GLOBS],
        paths.MAX_TARGET_LENGTH,
        shapes("a", "a/", "aaaaaaaa/", "ab/", "/", "b/", after=("/",)),
    ),
    "query string": Parser(_query, HEAD, shapes("a", "&", "=", "a=&", "a&", "a=b&", "%", "%41", "%ff", "+", ";", "é")),
    "form": Parser(
        _form("application/x-www-form-urlencoded"),
        BODY,
        shapes("a", "&", "=", "a=&", "a&", "a=b&", "%", "%41", "%ff", "+", ";", "é"),
    ),
    "multipart": Parser(
        _form("multipart/form-data; boundary=b"),
        BODY,
        shapes(PART, FILE, PART + "\r\n", FILE + "\r\n", *BAIT, after=("", PART, FILE)),
    ),
    "multipart, long boundary": Parser(
        _form("multipart/form-data; boundary=" + "-" * 60), BODY, shapes(*BAIT, after=("--" + "-" * 60 + PART[3:],))
    ),
    "multipart headers": Parser(
        _form("multipart/form-data; boundary=b"),
        BODY,
        shapes(*LISTS, "\r\nA: b", "\r\n ", after=(IN_HEADER, IN_HEADER + '; filename="')),
    ),
    "JSON body": Parser(_json_body, BODY, shapes(*JSON, "9" * 4299 + ",", "1.5e300,", after=("", "[", '"', "{", "1."))),
    "strict JSON": Parser(
        strict_json.parse, json_fields.MAX_JSON_LENGTH, shapes(*JSON, "9" * 4299 + ",", after=("", "[", '"', "{", "1."))
    ),
    "indented JSON": Parser(
        strict_json.indented,
        parsing.MAX_TEXT_LENGTH,
        shapes("[],", '"', '"a",', "{},", "1,", " ", '\\"', "\n", after=("[", "[" * 31)),
    ),
    "token": Parser(lambda t: codec.COMPACT_FORM.fullmatch(t), codec.MAX_TOKEN_LENGTH, shapes(*TOKENS)),
    "base64url": Parser(base64url.decode_base64url, HEAD, shapes(*TOKENS)),
    "name of an account": Parser(canonical, BODY, shapes("a", " ", "-", ".", "\u212a", "\ufdfa", "\u0301\u0327")),
    "User-Agent": Parser(
        parse_user_agent,
        USER_AGENT,
        shapes(
            "a",
            " ",
            "/",
            "1.",
            "(",
            ";",
            "Mozilla/5.0 ",
            "Android ",
            "Version/1 ",
            "; ",
            "/1.",
            "Build/",
            "en-",
            "Linux; ",
            "a-",
            "_",
            "Mobile Safari/",
            "iPhone OS 1_",
            "Windows NT ",
            after=("", "Mozilla/5.0 (", "Mozilla/5.0 (Linux; Android 1; ", "Mozilla/5.0 (iPhone; CPU "),
        ),
    ),
    "token in the lab": Parser(_reading, parsing.MAX_TEXT_LENGTH, shapes(*TOKENS)),
    "parts of a token in the lab": Parser(
        _encoded, parsing.MAX_TEXT_LENGTH // 4, shapes(*JSON, "\x00", "\u202e", after=("", "[", '"', '{"a":"'))
    ),
    "character in the lab": Parser(
        lambda t: tampering.change_character(t, len(t) // 2), parsing.MAX_TEXT_LENGTH, shapes(*TOKENS)
    ),
    "claims in the lab": Parser(
        lambda t: tampering.replace_claims("a.b.c", t), BODY, shapes(*JSON, after=("", '{"a":"'))
    ),
    "PEM": Parser(
        lambda t: pem.load(t, Kind.RSA),
        key_text.MAX_KEY_LENGTH,
        shapes(
            "a",
            "-",
            "-----BEGIN ",
            PEM_HALF,
            "-----BEGIN RSA PRIVATE KEY-----",
            "-----END PUBLIC KEY----",
            "\n",
            " ",
            "MIIB",
            after=("", PEM_HALF),
        ),
    ),
    "secret or JWK": Parser(
        lambda t: key_text.load_public(t, Algorithm.HS256),
        key_text.MAX_KEY_LENGTH,
        shapes(*JSON, "-----BEGIN ", "ssh-rsa ", "\ud800", PEM_HALF, after=("", '{"kty":"oct","k":"', "-----BEGIN ")),
    ),
    "key pair in any format": Parser(
        lambda t: key_text.load_public(t, Algorithm.RS256),
        key_text.MAX_KEY_LENGTH,
        shapes(
            *JSON, "A", "MI", "- ", "\\n", " ", "=", after=("", '{"kty":"RSA","e":"AQAB","n":"', "MII", "-----BEGIN ")
        ),
    ),
    "secret in base64url": Parser(key_text.secret_in_base64url, key_text.MAX_KEY_LENGTH, shapes(*TOKENS, "=", "\n")),
    "strength of a secret": Parser(
        lambda t: secret_strength.guessing_bits(t.encode(errors="surrogatepass")),
        key_text.MAX_KEY_LENGTH,
        shapes("a", "A", "1", "-", "aA", "a1-", "é"),
    ),
    "pasted token": Parser(
        pasted.token_in,
        BODY,
        shapes(
            *TOKENS, "ey.", "bearer ", "\n", "a\n", "a \n ", '"', "a=", after=("", "curl ", "bearer ", "Cookie: ", "ey")
        ),
    ),
    "two tokens": Parser(lambda t: comparison.compare(t, t[::2]), parsing.MAX_TEXT_LENGTH, shapes(*TOKENS)),
    "time of the clock": Parser(lambda t: clock.read_offset(t, NOW), BODY, shapes("9", "2026-", " ", "T", ":00")),
}
