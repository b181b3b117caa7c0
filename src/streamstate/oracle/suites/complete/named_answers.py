"""Answers with what the model knows instead of contents and numbers, so that equal ones are equal
whichever stream, pull or chunk they are about."""

from __future__ import annotations

from streamstate.model import Create, Error, Idle, Pull, Push, Waiting
from streamstate.model.invariants import waiting_pushes
from streamstate.model.state import Failed
from streamstate.oracle.programs.editing import inner_ops
from streamstate.oracle.programs.graph import Node
from streamstate.oracle.programs.program import Symbol
from streamstate.wire import Json, compact, encode_bytes, is_array, is_object, message_of


def named_answer(node: Node, done: Symbol, answered: Json) -> str:
    """An answer as text, with what the model knows before the op instead of contents and numbers.

    What it does not know keeps its content, so an answer that differs differs here too.
    """
    if _names_nothing(answered):
        return compact(answered)
    names = _names(node, done)

    def named(what: str, value: Json) -> Json:
        return names.get((what, value), value) if isinstance(value, (str, int)) else value

    def shown(key: str, value: Json) -> Json:
        if key == "queue" and is_array(value):
            return [named("value", each) for each in value]
        return named(key, value)

    def settled(item: Json) -> Json:
        match item:
            case [int(pull), str(how), *rest]:
                return [named("pull", pull), how, *(named(how, each) for each in rest)]
            case ["push", int(push), str(how), *rest]:
                said = [named("error", each) for each in rest]
                return ["push", named("push", push), how, *said]
            case _:
                return item

    def told(returned: Json) -> Json:
        if is_array(returned):
            return [told(each) for each in returned]
        if is_object(returned):
            return {key: shown(key, each) for key, each in returned.items()}
        return named("stream", returned) if type(returned) is int else returned

    match answered:
        case [returned, items] if is_array(items):
            return compact([told(returned), [settled(item) for item in items]])
        case _:
            return compact(answered)


def _names_nothing(answered: Json) -> bool:
    match answered:
        case [None | True | False, []]:
            return True
        case [returned, []] if is_array(returned):
            return all(each is None or isinstance(each, bool) for each in returned)
        case _:
            return False


def _names(node: Node, done: Symbol) -> dict[tuple[str, str | int], str]:
    """Names for the contents and numbers in an answer, given the state before it. A content is
    named by how a pull settles with it."""
    names: dict[tuple[str, str | int], str] = {}
    for number, stream in node.streams:
        back = node.next_stream - number
        if isinstance(stream, Waiting):
            for place, pull in enumerate((stream.first, *stream.others)):
                names["pull", pull] = f"pull {place} of {back}"
        else:
            for place, chunk in enumerate(stream.queue.chunks()):
                names.setdefault(("value", encode_bytes(chunk)), f"chunk {place} of {back}")
            for place, offered in enumerate(waiting_pushes(stream)):
                names["push", offered.push] = f"push {place} of {back}"
                chunk_of_it = ("value", encode_bytes(offered.chunk))
                names.setdefault(chunk_of_it, f"the chunk of push {place} of {back}")
            if isinstance(stream, Idle) and isinstance(stream.status, Failed):
                names["error", message_of(stream.status.value)] = f"message of {back}"
    next_stream, next_pull = node.next_stream, node.next_pull
    for place, op in enumerate(inner_ops(done.op)):
        match op:
            case Create():
                names["stream", next_stream] = f"the new stream of op {place}"
                next_stream += 1
            case Pull():
                names["pull", next_pull] = f"the pull of op {place}"
                next_pull += 1
            case Push(_, chunk):
                names.setdefault(("value", encode_bytes(chunk)), f"the chunk of op {place}")
            case Error(_, value):
                names.setdefault(("error", message_of(value)), f"the message of op {place}")
            case _:
                pass
    return names
