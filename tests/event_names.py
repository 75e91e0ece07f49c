"""The names of the events that a source records, read from the source itself."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

RECORD = "daypass.events.record"
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Parameter(NamedTuple):
    """The parameter that takes the name of an event: its place, its name and its default, if it has one."""

    place: int
    name: str
    default: ast.expr | None = None


@dataclass(frozen=True)
class Call:
    """A call, the full name of the function that it calls, and the function that it stands in."""

    module: str
    node: ast.Call
    called: str
    within: Function | None

    @property
    def where(self) -> str:
        return f"{self.module}, line {self.node.lineno}"


def recorded(sources: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Each event's name with a place where it is recorded, and the places where it cannot be read.

    sources: the text of each module under its full name. Functions that pass a parameter on to `events.record` are
    followed to their callers.
    """
    trees = {module: ast.parse(text) for module, text in sources.items()}
    calls = [call for module, tree in trees.items() for call in _calls(module, tree)]
    passing = _passing(calls)
    names: dict[str, str] = {}
    unclear = [f"{name}: nobody calls it" for name in passing.keys() - {call.called for call in calls} - {RECORD}]
    for call in calls:
        if call.called in passing:
            found = _texts(_given(call, passing[call.called]), trees[call.module])
            names |= {name: call.where for name in found or []}
            if found is None and not _passed_on(call, passing):
                unclear.append(call.where)
    return names, unclear


def _calls(module: str, tree: ast.Module) -> Iterator[Call]:
    imports = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    def visit(node: ast.AST, within: Function | None) -> Iterator[Call]:
        if isinstance(node, Function):
            within = node
        if isinstance(node, ast.Call) and (called := _full_name(node.func, module, imports)):
            yield Call(module, node, called, within)
        for child in ast.iter_child_nodes(node):
            yield from visit(child, within)

    return visit(tree, None)


def _full_name(function: ast.expr, module: str, imports: Mapping[str, str]) -> str | None:
    match function:
        case ast.Name(id=name):
            return imports.get(name, f"{module}.{name}")
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return f"{imports.get(owner, owner)}.{name}"
    return None


def _passing(calls: list[Call]) -> dict[str, Parameter]:
    """The functions that take the name of an event and pass it on to `events.record`, by their full names."""
    passing = {RECORD: Parameter(0, "event")}
    while True:
        found = {
            f"{call.module}.{call.within.name}": parameter
            for call in calls
            if call.called in passing and call.within and (parameter := _passed_on(call, passing))
        }
        if found.keys() <= passing.keys():
            return passing
        passing |= found


def _passed_on(call: Call, passing: Mapping[str, Parameter]) -> Parameter | None:
    """The parameter of the function around a call that the call passes on as an event's name."""
    given = _given(call, passing[call.called])
    if call.within is None or not isinstance(given, ast.Name):
        return None
    arguments = call.within.args
    defaults = dict(
        zip(reversed([*arguments.posonlyargs, *arguments.args]), reversed(arguments.defaults), strict=False)
    )
    defaults |= {
        one: default for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default
    }
    everything = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    found = [(place, one) for place, one in enumerate(everything) if one.arg == given.id]
    return Parameter(found[0][0], given.id, defaults.get(found[0][1])) if found else None


def _given(call: Call, parameter: Parameter) -> ast.expr | None:
    """What a call gives for the parameter."""
    keywords = {keyword.arg: keyword.value for keyword in call.node.keywords}
    if parameter.name in keywords:
        return keywords[parameter.name]
    return call.node.args[parameter.place] if parameter.place < len(call.node.args) else parameter.default


def _texts(given: ast.expr | None, tree: ast.Module) -> list[str] | None:
    """The texts that an expression may be: itself, either side of a condition, or a constant of the module."""
    match given:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=body, orelse=orelse):
            sides = [_texts(body, tree), _texts(orelse, tree)]
            return [text for side in sides for text in side or []] if None not in sides else None
        case ast.Name(id=name):
            constants = [
                node.value
                for node in tree.body
                if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
            ]
            return _texts(constants[0], tree) if constants else None
    return None
