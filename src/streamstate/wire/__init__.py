"""The wire form, protocol 1: ops, programs and answers as JSON, and how the model looks from there.

`parse_program` and `parse_op` read, `encode_program` and `encode_op` write; `answer` and `trace`
say what an adapter that conforms answers; `agrees` compares what one did answer with that.
"""

from typing import Final

from streamstate.wire.answers import (
    PULL_REFUSED,
    PULL_SUPERSEDED,
    STREAM_DELETED,
    Answer,
    answer,
    encode_effects,
    encode_reason,
    encode_view,
    trace,
)
from streamstate.wire.jsons import (
    Json,
    WireError,
    agrees,
    compact,
    is_array,
    is_object,
    read_json,
    shown,
)
from streamstate.wire.ops import (
    FORMS,
    MAX_ID,
    decode_bytes,
    encode_bytes,
    encode_limits,
    encode_op,
    encode_program,
    message_of,
    parse_limits,
    parse_op,
    parse_program,
)

PROTOCOL: Final = 1
"""The version of the protocol that this package speaks."""

__all__ = [
    "FORMS",
    "MAX_ID",
    "PROTOCOL",
    "PULL_REFUSED",
    "PULL_SUPERSEDED",
    "STREAM_DELETED",
    "Answer",
    "Json",
    "WireError",
    "agrees",
    "answer",
    "compact",
    "decode_bytes",
    "encode_bytes",
    "encode_effects",
    "encode_limits",
    "encode_op",
    "encode_program",
    "encode_reason",
    "encode_view",
    "is_array",
    "is_object",
    "message_of",
    "parse_limits",
    "parse_op",
    "parse_program",
    "read_json",
    "shown",
    "trace",
]
