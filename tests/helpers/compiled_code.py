"""Compiled templates and URL rules, shared by all apps of a test process: compiling them takes most of a small test."""

from collections.abc import Callable
from typing import ClassVar

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

UrlBuilder = Callable[..., tuple[str, str]]


class MemoryTemplateCache(BytecodeCache):
    """Jinja checks the source of a template before it takes the compiled one from here."""

    def __init__(self) -> None:
        self._bytecode: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._bytecode:
            bucket.bytecode_from_string(self._bytecode[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._bytecode[bucket.key] = bucket.bytecode_to_string()


class CachedRule(Rule):
    """A rule that shares the functions that build its URLs with equal rules."""

    _builders: ClassVar[dict[tuple[object, ...], UrlBuilder]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> UrlBuilder:
        key = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        return self._builders[key]


def keep_compiled_code() -> None:
    """Make every Flask app that is created from now on keep its compiled code here."""
    Flask.jinja_options = {"bytecode_cache": MemoryTemplateCache()}
    Flask.url_rule_class = CachedRule
