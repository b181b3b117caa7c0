#!/usr/bin/env bash
#
# One would expect: A queue that is full has room for one message more once one was taken out,
# and lets in who waits for that.
#
# What happens: A socket of ZeroMQ that has reached its high-water mark accepts nothing until
# the reader has taken half of what both ends hold, and then that many at once. With a mark of
# 1,000 at each end, the default, 2,000 messages fit, and the next is refused until 1,000 of
# them are read. Sockets of nng have room after one.
#
# Seen with pyzmq 27.3.0 (libzmq 4.3.5), beside pynng 0.9.0, on Python 3.11 and 3.13:
# > pyzmq 27.3.0, marks 1 and 1: full with 2, room for 1 after 1 is read
# > pyzmq 27.3.0, marks 4 and 4: full with 8, room for 4 after 4 are read
# > pyzmq 27.3.0, marks 10 and 1: full with 11, room for 6 after 6 are read
# > pyzmq 27.3.0, marks 1000 and 1000: full with 2,000, room for 1,000 after 1,000 are read
# > pynng 0.9.0, marks 4 and 4: full, room for 1 after 1 is read
#
# Why it matters for a stream registry: A writer that waits for room and a reader that takes one
# chunk and waits for what the writer does next wait for each other, with a queue that is not
# full. An adapter whose dialect says "a push is refused while the queue is full" must not
# count what was pulled: only the socket can say whether there is room.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check pyzmq==27.3.0 pynng==0.9.0

cat > "$work/probe.py" <<'PYTHON'
import pynng
import zmq


def has(socket, event):
    """Whether a socket could send or receive now, once it has done all that is due."""
    return bool(socket.getsockopt(zmq.EVENTS) & event)


def fill(push):
    count = 0
    while has(push, zmq.POLLOUT):
        push.send(b"chunk", zmq.NOBLOCK)
        count += 1
    return count


def of_zmq(sends, receives):
    with (
        zmq.Context() as context,
        context.socket(zmq.PULL) as pull,
        context.socket(zmq.PUSH) as push,
    ):
        push.sndhwm, pull.rcvhwm = sends, receives
        pull.bind("inproc://chunks")
        push.connect("inproc://chunks")
        full = fill(push)
        read = 0
        while not has(push, zmq.POLLOUT):
            pull.recv(zmq.NOBLOCK)
            read += 1
        room = fill(push)
        push.linger = 0
    are = "is" if read == 1 else "are"
    print(
        f"pyzmq {zmq.__version__}, marks {sends} and {receives}:"
        f" full with {full:,}, room for {room:,} after {read:,} {are} read"
    )


def of_nng(size):
    """Fill the sockets, read one message, and send one: this waits until there is room."""
    with (
        pynng.Pull0(listen="inproc://chunks", recv_buffer_size=size, recv_timeout=20_000) as pull,
        pynng.Push0(dial="inproc://chunks", send_buffer_size=size, send_timeout=20_000) as push,
    ):
        try:
            while True:
                push.send(b"chunk", block=False)
        except pynng.TryAgain:
            pass
        pull.recv()
        push.send(b"chunk")
    print(f"pynng {pynng.__version__}, marks {size} and {size}: full, room for 1 after 1 is read")


of_zmq(1, 1)
of_zmq(4, 4)
of_zmq(10, 1)
of_zmq(1_000, 1_000)
of_nng(4)
PYTHON

seen=$(timeout 60 "$work/venv/bin/python" "$work/probe.py")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: room comes back in halves."
