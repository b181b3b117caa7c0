#!/usr/bin/env bash
#
# One would expect: A `send(item).await` that is given up while it waits for room, as by a timeout
# around it, has sent nothing, so that the item may be sent again. tokio's and async-channel's
# sends promise or do that.
#
# What happens: The bounded mpsc of futures puts the item into the channel first and waits then. The
# receiver gets the item of a send that was dropped; sent again, it comes twice. A send after it,
# on the same sender, waits before it sends, and dropped sends nothing. Both look the same.
#
# Seen with futures 0.3.21, beside async-channel 1.8.0:
# > futures mpsc, room for 1: 1st sent, 2nd given up, 3rd given up; received 1 2
# > async-channel, room for 1: 1st sent, 2nd given up, 3rd given up; received 1
#
# Why it matters for a stream registry: A push that was given up while it waited must never be sent
# (CANCEL_PUSH_1). Behind this channel nobody can tell whether it was, so that a producer with
# timeouts loses items or doubles them.
#
# It needs cargo, which fetches the crates, or takes them from Debian's packages
# librust-futures-dev and librust-async-channel-dev where these are of the same versions.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo init --quiet --vcs none --name probe "$work"
debian=/usr/share/cargo/registry
if [ -d "$debian/futures-0.3.21" ] && [ -d "$debian/async-channel-1.8.0" ]; then
    mkdir "$work/.cargo"
    printf '[source.crates-io]\nreplace-with = "debian"\n[source.debian]\ndirectory = "%s"\n' \
        "$debian" > "$work/.cargo/config.toml"
fi
(
    cd "$work"
    cargo add --quiet async-channel@=1.8.0
    cargo add --quiet --no-default-features --features std futures@=0.3.21
)

cat > "$work/src/main.rs" <<'RUST'
use futures::{FutureExt, SinkExt, StreamExt};

/// A send that is polled once, and then dropped if it waits.
fn tried<E>(polled: Option<Result<(), E>>) -> &'static str {
    match polled {
        Some(Ok(())) => "sent",
        Some(Err(_)) => "failed",
        None => "given up",
    }
}

fn told(name: &str, how: [&str; 3], received: Vec<u32>) {
    let received: Vec<_> = received.iter().map(u32::to_string).collect();
    println!(
        "{name}, room for 1: 1st {}, 2nd {}, 3rd {}; received {}",
        how[0], how[1], how[2], received.join(" ")
    );
}

fn main() {
    let (mut sender, receiver) = futures::channel::mpsc::channel(1);
    let how = [1, 2, 3].map(|item| tried(sender.send(item).now_or_never()));
    drop(sender);
    told("futures mpsc", how, receiver.collect().now_or_never().unwrap());

    let (sender, receiver) = async_channel::bounded(1);
    let how = [1, 2, 3].map(|item| tried(sender.send(item).now_or_never()));
    drop(sender);
    told("async-channel", how, receiver.collect().now_or_never().unwrap());
}
RUST

(cd "$work" && cargo build --quiet)
seen=$(timeout 60 "$work/target/debug/probe")
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: a send that was given up is sent."
