"""A recording to tamper with, and how text is checked."""

from __future__ import annotations

from io import BytesIO

from streamstate import Dialect
from streamstate.oracle.recordings import FileVerdict, check


def checked(text: str | bytes, dialect: Dialect | None = None) -> FileVerdict:
    data = text.encode() if isinstance(text, str) else text
    return check("it", BytesIO(data), dialect)


RECORDING = """\
{"recording":1,"dialect":"reference+overlapping_pull=queue","limits":{"high_water_mark":9,"max_queue_chunks":2}}
{"op":["create"],"returned":1,"settled":[]}
{"op":["create"],"returned":2,"settled":[]}
{"op":["pull",1],"returned":null,"settled":[]}
{"op":["pull",1],"returned":null,"settled":[]}
{"op":["push",1,"AQ=="],"returned":true,"settled":[[1,"value","AQ=="]]}
{"op":["seen",1],"returned":null,"settled":[]}
{"op":["push",2,"Ag=="],"returned":true,"settled":[]}
{"op":["pull",2],"returned":null,"settled":[[3,"value","Ag=="]]}
{"op":["cancel_pull",3],"returned":null,"settled":[]}
{"op":["get",2],"returned":{"queue":["Ag=="],"queue_size":1,"closed":false},"settled":[]}
{"op":["is_queue_full",2],"returned":false,"settled":[]}
{"op":["error",2,"boom"],"returned":null,"settled":[]}
{"op":["pull",2],"returned":null,"settled":[[4,"error","boom"]]}
{"op":["pull",1],"returned":null,"settled":[]}
{"op":["delete",1],"returned":null,"settled":[[2,"error","GONE"],[5,"error","GONE"]]}
{"op":["create"],"returned":3,"settled":[]}
{"op":["clear"],"returned":null,"settled":[]}
{"end":null}
""".replace("GONE", "Stream deleted")
