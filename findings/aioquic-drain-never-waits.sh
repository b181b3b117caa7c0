#!/usr/bin/env bash
#
# One would expect: drain() waits while too much of what was written has not left, and a reader
# that does not read stops its peer after max_stream_data bytes: that is QUIC's flow control,
# and what the two limits of aioquic's configuration are for.
#
# What happens: In aioquic's asyncio API neither end holds. The transport never pauses its
# writer, so drain() returns at once, whatever waits. And the receiving side widens its windows as
# bytes arrive, not as they are read, so all of them are kept in the memory of a reader that
# nobody reads. Over TCP, asyncio's own streams stop the writer.
#
# Seen with aioquic 1.7.2 and cryptography 50.0.2 on Python 3.11 and 3.13:
# > aioquic 1.7.2, max_stream_data 65,536: 2,097,152 of 2,097,152 bytes were written, each drained, in no turn of the loop
# > aioquic 1.7.2, max_stream_data 65,536: the reader that does not read holds 2,097,152 bytes
# > asyncio over TCP, limit 65,536: the writer waits, and holds the rest back
#
# Why it matters for a stream registry: "Await drain, and memory is bounded" is the whole of a
# pump's back-pressure. Moved to QUIC the same lines take a source of any size into memory, twice.
# Who sends has to wait for a word of the reader.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check aioquic==1.7.2 cryptography==50.0.2

cat > "$work/probe.py" <<'PYTHON'
import asyncio
import socket
import ssl
from datetime import datetime, timedelta
from importlib.metadata import version

from aioquic.asyncio import connect, serve
from aioquic.quic.configuration import QuicConfiguration
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

CHUNK, LIMIT, SIZE = 16_384, 65_536, 2_097_152
NAME = f"aioquic {version('aioquic')}, max_stream_data {LIMIT:,}"


def certified():
    """A configuration of a server that certifies itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "peer")])
    start = datetime(2026, 1, 1)
    building = x509.CertificateBuilder(name, name, key.public_key(), 1, start)
    certificate = building.not_valid_after(start + timedelta(days=36_500)).sign(key, hashes.SHA256())
    configuration = QuicConfiguration(
        is_client=False, max_data=2 * LIMIT, max_stream_data=LIMIT
    )
    configuration.certificate, configuration.private_key = certificate, key
    return configuration


async def write_all(writer, written, size):
    while sum(written) < size:
        writer.write(bytes(CHUNK))
        await writer.drain()
        written.append(CHUNK)


async def by_aioquic():
    accepted = asyncio.Queue()
    server = await serve(
        "127.0.0.1",
        0,
        configuration=certified(),
        stream_handler=lambda *stream: accepted.put_nowait(stream),
    )
    port = server._transport.get_extra_info("sockname")[1]
    trusting = QuicConfiguration(is_client=True, verify_mode=ssl.CERT_NONE)
    async with connect("127.0.0.1", port, configuration=trusting) as client:
        _, writer = await client.create_stream()
        written, turns = [], []
        asyncio.get_running_loop().call_soon(turns.append, "turn")
        await write_all(writer, written, SIZE)
        took = "no turn" if not turns else "some turns"
        print(
            f"{NAME}: {sum(written):,} of {SIZE:,} bytes were written, each drained,"
            f" in {took} of the loop"
        )
        reader, _ = await accepted.get()
        while len(reader._buffer) < SIZE:
            await asyncio.sleep(0.01)
        print(f"{NAME}: the reader that does not read holds {len(reader._buffer):,} bytes")
    server.close()


async def by_tcp():
    accepted = asyncio.Queue()
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LIMIT)
    server = await asyncio.start_server(
        lambda *stream: accepted.put_nowait(stream), sock=listening, limit=LIMIT
    )
    _, writer = await asyncio.open_connection(*listening.getsockname())
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LIMIT)
    unread = await accepted.get()
    written = []
    writing = asyncio.create_task(write_all(writer, written, 64 * SIZE))
    still = 0
    while still < 1_000 and not writing.done():
        before = len(written)
        await asyncio.sleep(0)
        still = still + 1 if len(written) == before else 0
    how = "is done" if writing.done() else "waits, and holds the rest back"
    print(f"asyncio over TCP, limit {LIMIT:,}: the writer {how}")
    writing.cancel()
    writer.transport.abort()
    unread[1].transport.abort()
    server.close()


asyncio.run(by_aioquic())
asyncio.run(by_tcp())
PYTHON

seen=$(timeout 90 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: nothing stops the writer."
