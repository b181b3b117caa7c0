"""Faults of how a registry keeps what it has, in TypeScript and Rust: those of `kept` once more,
where numbers, strings and arrays are of another kind."""

from __future__ import annotations

from typing import Final

from tests.faults.edited import Edit, Edited
from tests.faults.fault import Group
from tests.oracle import starters

_NUMBERS: Final = "numbers_have_twelve_bits"
_BUDGET: Final = "deleted_bytes_are_not_paid_back"
_TABLE: Final = "clear_goes_bucket_by_bucket"
_CLOSED: Final = "closed_is_a_mask_of_64_bits"
_TAGS: Final = "push_looks_at_eight_bits_of_a_number"
_RING: Final = "queue_that_is_turned_grows_wrongly"
_STRINGS: Final = "messages_end_at_nul"
_EQUAL: Final = "chunk_like_the_last_is_not_queued"

_COUNTS: Final = "PUSH_4 PUSH_5 PUSH_6 DELETE_2 CLEAR_1 CLEAR_2"
_ERRORS: Final = "ERROR_2 ERROR_3 ERROR_4 ERROR_8 ERROR_10"
_CLOSES: Final = "CLOSE_2 CLOSE_3"
_QUEUES: Final = "PUSH_5 PUSH_6"

_IN_TYPESCRIPT: Final = (
    Edit(
        _NUMBERS,
        "CREATE_1",
        "streams.set(++created, new Stream());",
        "streams.set((created = (created + 1) & 0xfff), new Stream());",
    ),
    Edit(
        _BUDGET,
        _COUNTS,
        "  let created = 0;\n",
        "  let created = 0;\n  let lost = 0;\n",
        (
            (
                "stream === undefined || stream.closed || stream.reason",
                "stream === undefined || stream.closed || stream.reason || lost >= 196_608",
            ),
            (
                '      streams.get(id)?.taken()?.reject(new Error("Stream deleted"));\n',
                "      lost += streams.get(id)?.size ?? 0;\n"
                '      streams.get(id)?.taken()?.reject(new Error("Stream deleted"));\n',
            ),
        ),
    ),
    Edit(
        _TABLE,
        "CLEAR_2",
        "      for (const id of [...streams.keys()])",
        "      let places = 16;\n      while (streams.size > places * 0.75) places *= 2;\n"
        "      const place = (id: number) => id % places;\n"
        "      for (const id of [...streams.keys()].sort((a, b) => place(a) - place(b)))",
    ),
    Edit(
        _CLOSED,
        _CLOSES,
        "      stream.closed = true;\n",
        "      for (const [other, each] of streams) if ((other - id) % 64 === 0) "
        "each.closed = true;\n",
    ),
    Edit(
        _TAGS,
        "PUSH_1",
        "    push(id, chunk) {\n      const stream = streams.get(id);\n",
        "    push(id, chunk) {\n"
        "      const alike = [...streams.keys()].find((other) => ((other ^ id) & 0xff) === 0);\n"
        "      const stream = streams.get(id) ?? streams.get(id > 0 ? (alike ?? 0) : 0);\n",
    ),
    Edit(
        _STRINGS,
        _ERRORS,
        "stream.reason = reason;\n",
        'stream.reason = new Error(reason.message.split("\\0")[0]);\n',
        (("taken()?.reject(reason)", "taken()?.reject(stream.reason)"),),
    ),
    Edit(
        _EQUAL,
        _QUEUES,
        "else stream.queue.push(own);",
        "else if (`${own}` !== `${stream.queue.at(-1)}`) stream.queue.push(own);",
    ),
)
_IN_RUST: Final = (
    Edit(
        _NUMBERS,
        "CREATE_1",
        "self.created += 1;",
        "self.created = (self.created + 1) & 0xfff;",
    ),
    Edit(
        _BUDGET,
        _COUNTS,
        "    created: u32,\n",
        "    created: u32,\n    lost: usize,\n",
        (
            ("Registry { created: 0,", "Registry { created: 0, lost: 0,"),
            (
                "Some(stream) if !stream.closed",
                "Some(stream) if self.lost < 196_608 && !stream.closed",
            ),
            (
                "        if let Some(mut stream) = self.streams.remove(&id) {\n",
                "        if let Some(mut stream) = self.streams.remove(&id) {\n"
                "            self.lost += stream.size;\n",
            ),
        ),
    ),
    Edit(
        _TABLE,
        "CLEAR_2",
        "        for id in self.streams.keys().copied().collect::<Vec<_>>() {\n",
        "        let mut ids: Vec<u32> = self.streams.keys().copied().collect();\n"
        "        let mut places = 16;\n"
        "        while ids.len() > places * 3 / 4 {\n            places *= 2;\n        }\n"
        "        ids.sort_by_key(|id| *id as usize % places);\n"
        "        for id in ids {\n",
    ),
    Edit(
        _CLOSED,
        _CLOSES,
        "            stream.closed = true;\n            stream.settle(Ok(None));\n        }\n",
        "            stream.settle(Ok(None));\n"
        "            let alike = |other: &u32| other % 64 == id % 64;\n"
        "            for (_, each) in self.streams.iter_mut().filter(|(other, _)| alike(other)) {\n"
        "                each.closed = true;\n            }\n        }\n",
    ),
    Edit(
        _TAGS,
        "PUSH_1",
        "        match self.streams.get_mut(&id) {\n            Some(stream) if",
        "        let alike = |other: &&u32| id > 0 && *other & 0xff == id & 0xff;\n"
        "        let found = self.streams.keys().find(alike).copied();\n"
        "        let known = self.streams.contains_key(&id);\n"
        "        let id = if known { id } else { found.unwrap_or(id) };\n"
        "        match self.streams.get_mut(&id) {\n            Some(stream) if",
    ),
    Edit(
        _RING,
        _QUEUES,
        "                    stream.queue.push_back(chunk);\n",
        "                    let queue = &mut stream.queue;\n"
        "                    let turned = queue.as_slices().0.len();\n"
        "                    let full = queue.len() == queue.capacity();\n"
        "                    if full && queue.len() >= 64 && turned < queue.len() {\n"
        "                        queue.rotate_left(turned);\n                    }\n"
        "                    queue.push_back(chunk);\n",
    ),
    Edit(
        _STRINGS,
        _ERRORS,
        "    pub fn error(&mut self, id: u32, message: String) {\n",
        "    pub fn error(&mut self, id: u32, message: String) {\n"
        "        let message = message.split('\\0').next().unwrap_or(\"\").to_string();\n",
    ),
    Edit(
        _EQUAL,
        _QUEUES,
        "                    stream.size += chunk.len();\n"
        "                    stream.queue.push_back(chunk);\n",
        "                    if stream.queue.back() != Some(&chunk) {\n"
        "                        stream.size += chunk.len();\n"
        "                        stream.queue.push_back(chunk);\n                    }\n",
    ),
)

KEPT_EDITS: Final = (
    Edited(Group.TYPESCRIPT_KEPT, starters.TYPESCRIPT, lambda: True, _IN_TYPESCRIPT),
    Edited(Group.RUST_KEPT, starters.RUST, starters.cargo_is_there, _IN_RUST),
)
