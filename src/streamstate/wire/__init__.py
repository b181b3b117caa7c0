"""The wire form, protocol 1: ops, programs and answers as JSON, and how the model looks from there.

`parse_program` and `parse_op` read, `encode_program` and `encode_op` write (`parse_turns` and
`parse_turn` also read ops done `Together`); `answer` and `trace` say what an adapter that conforms
answers; `agrees` compares what one did answer with that.
"""

from typing import Final

from streamstate.wire.answers import (
    PULL_REFUSED,
    PULL_SUPERSEDED,
    STREAM_CLOSED,
    STREAM_DELETED,
    Advance,
    Answer,
    Taken,
    answer,
    answer_each,
    answer_text,
    answer_together,
    encode_effects,
    encode_reason,
    encode_view,
    ends_apart,
    trace,
)
from streamstate.wire.fills import LARGEST_FILL, SMALLEST_FILL, fill_of, without_fills
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
    parse_turn,
    parse_turns,
)
from streamstate.wire.turns import Together, Turn

PROTOCOL: Final = 1
"""The version of the protocol that this package speaks."""

__all__ = [
    "FORMS",
    "LARGEST_FILL",
    "MAX_ID",
    "PROTOCOL",
    "PULL_REFUSED",
    "PULL_SUPERSEDED",
    "SMALLEST_FILL",
    "STREAM_CLOSED",
    "STREAM_DELETED",
    "Advance",
    "Answer",
    "Json",
    "Taken",
    "Together",
    "Turn",
    "WireError",
    "agrees",
    "answer",
    "answer_each",
    "answer_text",
    "answer_together",
    "compact",
    "decode_bytes",
    "encode_bytes",
    "encode_effects",
    "encode_limits",
    "encode_op",
    "encode_program",
    "encode_reason",
    "encode_view",
    "ends_apart",
    "fill_of",
    "is_array",
    "is_object",
    "message_of",
    "parse_limits",
    "parse_op",
    "parse_program",
    "parse_turn",
    "parse_turns",
    "read_json",
    "shown",
    "trace",
    "without_fills",
]
