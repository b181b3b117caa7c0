#!/usr/bin/env bash
#
# One would expect: A read of a stream that is cancelled, as by a timeout around it, is one read
# less. The call goes on, and the next read gets the next message.
#
# What happens: In grpc.aio the cancelled read cancels the whole call. The next read raises
# CancelledError, which looks as if somebody had cancelled the caller; the status is CANCELLED,
# and the server's handler is told to stop. What the server would send is lost. In
# grpclib the call goes on.
#
# Seen with grpcio 1.85.1, beside grpclib 0.4.9, on Python 3.11 and 3.13:
# > grpcio 1.85.1: first read b'one', second is cancelled, third raises CancelledError
# > grpcio 1.85.1: the status is CANCELLED, and the server's handler was stopped
# > grpclib 0.4.9: first read b'one', second is cancelled, third b'two'
# > grpclib 0.4.9: the server's handler was done
#
# Why it matters for a stream registry: A pull that is cancelled must not take, nor lose,
# anything. An adapter that maps it to a read of grpc.aio ends the stream with it; it has to
# keep the read in a task of its own, and shield that from who gives up.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check grpcio==1.85.1 grpclib==0.4.9

cat > "$work/probe.py" <<'PYTHON'
import asyncio
from importlib.metadata import version

import grpc
import grpc.aio
from grpclib.client import Channel, UnaryStreamMethod
from grpclib.const import Cardinality, Handler
from grpclib.encoding.base import CodecBase
from grpclib.server import Server

METHOD = "/Registry/pull"


class Sent:
    """What the handler of a server does: a message at once, another when it is told to."""

    def __init__(self):
        self.second = asyncio.Event()
        self.ended = asyncio.get_running_loop().create_future()

    async def messages(self):
        end = "stopped"
        try:
            yield b"one"
            await self.second.wait()
            yield b"two"
            end = "done"
        finally:
            self.ended.set_result(end)


async def three_reads(read, sent, call_is_done):
    """Read, give up a second read, let the server send, and read again."""
    first = await read()
    second = asyncio.create_task(read())
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait([second])
    assert second.cancelled()
    if call_is_done():
        await sent.ended  # so that it does not matter which is faster
    sent.second.set()
    try:
        third = repr(await read())
    except asyncio.CancelledError:
        third = "raises CancelledError"
    return f"first read {first}, second is cancelled, third {third}"


async def by_grpcio():
    name, sent = f"grpcio {version('grpcio')}", Sent()
    server = grpc.aio.server()

    async def pull(request, context):
        async for message in sent.messages():
            yield message

    handlers = {"pull": grpc.unary_stream_rpc_method_handler(pull)}
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("Registry", handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.unary_stream(METHOD)(b"")
        print(f"{name}: {await three_reads(call.read, sent, call.done)}")
        status = (await call.code()).name
        print(f"{name}: the status is {status}, and the server's handler was {await sent.ended}")
    await server.stop(None)


class Bytes(CodecBase):
    __content_subtype__ = "bytes"

    def encode(self, message, message_type):
        return message

    def decode(self, data, message_type):
        return data


class Registry:
    def __init__(self, sent):
        self.sent = sent

    async def pull(self, stream):
        await stream.recv_message()
        async for message in self.sent.messages():
            await stream.send_message(message)

    def __mapping__(self):
        return {METHOD: Handler(self.pull, Cardinality.UNARY_STREAM, bytes, bytes)}


async def by_grpclib():
    name, sent = f"grpclib {version('grpclib')}", Sent()
    server = Server([Registry(sent)], codec=Bytes())
    await server.start("127.0.0.1", 0)
    port = server._server.sockets[0].getsockname()[1]
    async with Channel("127.0.0.1", port, codec=Bytes()) as channel:
        async with UnaryStreamMethod(channel, METHOD, bytes, bytes).open() as stream:
            await stream.send_message(b"", end=True)
            reads = await three_reads(stream.recv_message, sent, lambda: False)
            print(f"{name}: {reads}")
            print(f"{name}: the server's handler was {await sent.ended}")
    server.close()
    await server.wait_closed()


asyncio.run(by_grpcio())
asyncio.run(by_grpclib())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py" 2> "$work/log") \
    || { cat "$work/log"; exit 1; }
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: giving up one read ends the call."
