"""Compiled templates, kept for all apps of a test process: each app would compile its own for every test."""

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class MemoryTemplateCache(BytecodeCache):
    """Jinja checks the source of a template before it takes the compiled one from here."""

    def __init__(self) -> None:
        self._bytecode: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._bytecode:
            bucket.bytecode_from_string(self._bytecode[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._bytecode[bucket.key] = bucket.bytecode_to_string()
