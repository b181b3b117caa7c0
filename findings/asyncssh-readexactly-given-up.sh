#!/usr/bin/env bash
#
# One would expect: A `readexactly` that is given up leaves in the stream what has come of it,
# and the next read begins there. So it is with asyncio.StreamReader, on whose interface
# asyncssh models its own reader, and with asyncssh's `readline` and `readuntil`.
#
# What happens: asyncssh's `readexactly` takes what has come out of the buffer before it waits
# for the rest. When it is cancelled, these bytes are gone. The stream is open, and says
# nothing: the next read begins behind them.
#
# Seen with asyncssh 2.24.1, and with the StreamReader of Python 3.11 and 3.13, all of which
# have "abc" when the read begins, and "def" and a newline after it was given up:
# > asyncio, readexactly given up: the next read gives 'abcdef\n'
# > asyncssh 2.24.1, readexactly given up: the next read gives 'def\n'
# > asyncssh 2.24.1, readline given up: the next read gives 'abcdef\n'
# > asyncssh 2.24.1, readuntil given up: the next read gives 'abcdef\n'
#
# Why it matters for a stream registry: A reader of records with a length in front asks by
# `readexactly`, and waits with a time limit. After the first limit that falls into the middle
# of a record it reads lengths out of the payload. An adapter over a channel of SSH has to keep
# the read that was given up, and to await that one again.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check asyncssh==2.24.1

cat > "$work/probe.py" <<'PYTHON'
import asyncio

import asyncssh

READS = {
    "readexactly": lambda reader: reader.readexactly(6),
    "readline": lambda reader: reader.readline(),
    "readuntil": lambda reader: reader.readuntil("\n"),
}


class Server(asyncssh.SSHServer):
    def begin_auth(self, username):
        return False


async def serve(process):
    """Write one half, and the other one when told to."""
    process.stdout.write("abc")
    process.stderr.write("written\n")
    await process.stdin.readline()
    process.stdout.write("def\n")
    process.exit(0)


async def give_up(read):
    """Begin a read that has to wait, and cancel it."""
    task = asyncio.ensure_future(read)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def of_asyncio():
    reader = asyncio.StreamReader()
    reader.feed_data(b"abc")
    await give_up(reader.readexactly(6))
    reader.feed_data(b"def\n")
    reader.feed_eof()
    rest = (await reader.read()).decode()
    print(f"asyncio, readexactly given up: the next read gives {rest!r}")


async def of_asyncssh():
    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.create_server(
        Server, "127.0.0.1", 0, server_host_keys=[key], process_factory=serve
    )
    port = server.sockets[0].getsockname()[1]
    client = await asyncssh.connect(
        "127.0.0.1", port, known_hosts=None, username="x", client_keys=None
    )
    for name, read in READS.items():
        process = await client.create_process("serve")
        await process.stderr.readline()  # which comes after the first half
        await give_up(read(process.stdout))
        process.stdin.write("go on\n")
        rest = await process.stdout.read()
        print(
            f"asyncssh {asyncssh.__version__}, {name} given up: the next read gives {rest!r}"
        )
    client.close()
    server.close()


async def main():
    await of_asyncio()
    await of_asyncssh()


asyncio.run(main())
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: what a read had when it was given up is lost."
