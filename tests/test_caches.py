"""Every cache of results is bounded."""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import _lru_cache_wrapper
from inspect import signature
from typing import Any

import daypass
from daypass.net.request_target import RequestTarget
from daypass.rules import model
from daypass.rules.model import PUBLIC, SIGNED_IN
from daypass.rules.parser import read_rules
from daypass.web.host_header import MAX_HOSTS, UNKNOWN_HOST, HostCheck

RULES = '[[rule]]\nhost = "a.example.org"\npath = "/"\nallow = {allow}\n'
MAX_ENTRIES = 4096


def cached_functions() -> Iterator[tuple[str, "_lru_cache_wrapper[Any]"]]:
    """All functions with arguments whose results `functools` caches, with their names."""
    for module in pkgutil.walk_packages(daypass.__path__, "daypass."):
        if ".migrations." not in module.name:
            for name, found in vars(importlib.import_module(module.name)).items():
                if isinstance(found, _lru_cache_wrapper) and signature(found).parameters:
                    yield f"{module.name}.{name}", found


def test_every_cached_function_remembers_a_limited_number_of_results() -> None:
    sizes = {name: found.cache_parameters()["maxsize"] for name, found in cached_functions()}
    assert "daypass.net.hosts.parse_host" in sizes
    assert {name for name, size in sizes.items() if size is None or size > MAX_ENTRIES} == set()


def test_the_rules_remember_a_limited_number_of_decisions() -> None:
    rules = read_rules(RULES.format(allow='"signed-in"'), "rules.toml")
    for number in range(model.MAX_DECISIONS + 10):
        assert rules.decide(RequestTarget("a.example.org", f"/{number}")).allow == SIGNED_IN
    assert rules._decisions.cache_info().currsize == model.MAX_DECISIONS


def test_new_rules_remember_nothing_of_the_previous_ones() -> None:
    page = RequestTarget("a.example.org", "/x")
    for allow, expected in (('"signed-in"', SIGNED_IN), ('"public"', PUBLIC)):
        assert read_rules(RULES.format(allow=allow), "rules.toml").decide(page).allow == expected


def test_the_check_of_hosts_remembers_a_limited_number_of_them() -> None:
    unknown: list[bool] = []

    def app(environ: dict[str, object], start_response: object) -> list[bytes]:
        unknown.append(UNKNOWN_HOST in environ)
        return []

    check = HostCheck(app, ["a.example.org"])
    for number in range(MAX_HOSTS + 10):
        check({"HTTP_HOST": f"h{number}.example"}, None)  # type: ignore[arg-type]
    check({"HTTP_HOST": "a.example.org:8000"}, None)  # type: ignore[arg-type]
    assert unknown == [True] * (MAX_HOSTS + 10) + [False]
    assert check._is_trusted.cache_info().currsize == MAX_HOSTS
