#!/usr/bin/env bash
#
# One would expect: A guest of the component model hears of the end of a stream from its read, at once
# or later; a waitable set has an event of that read only while it is under way. A component
# that runs under one host runs under another.
#
# What happens: In wasmtime a poll reports a dropped writable end as the end of a read though none
# is under way, and the read that the guest then begins traps, which ends the guest. In jco
# the poll has nothing, and the read says that the other end was dropped. Without the poll
# between them the two are alike.
#
# Seen with wasmtime 50.0.1 on Python 3.11 and 3.13, @bytecodealliance/jco-transpile 0.15.0 on Node 20:
# > wasmtime: drop, read: the read says dropped
# > wasmtime: drop, poll, read: the poll says that a read ended, the read traps
# > jco: drop, read: the read says dropped
# > jco: drop, poll, read: the poll says nothing, the read says dropped
#
# Why it matters for a stream registry: "Is there anything?" before a pull is innocent in one host and
# the end of the guest in the other. An adapter between streams of a guest and numbers of a
# table has to take an end for delivered once it was told, whoever asked.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check wasmtime==50.0.1
(cd "$work" && npm install --silent --no-audit --no-fund --no-save --ignore-scripts \
    @bytecodealliance/jco-transpile@0.15.0)

cat > "$work/guest.wat" <<'WAT'
(component
  (core module $libc (memory (export "memory") 1))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (type $bytes (stream u8))
  (core func $new (canon stream.new $bytes))
  (core func $read (canon stream.read $bytes async (memory $memory)))
  (core func $drop (canon stream.drop-writable $bytes))
  (core func $set (canon waitable-set.new))
  (core func $join (canon waitable.join))
  (core func $poll (canon waitable-set.poll (memory $memory)))
  (core module $main
    (import "" "new" (func $new (result i64)))
    (import "" "read" (func $read (param i32 i32 i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "set" (func $set (result i32)))
    (import "" "join" (func $join (param i32 i32)))
    (import "" "poll" (func $poll (param i32 i32) (result i32)))
    (global $ends (mut i64) (i64.const 0))
    (global $waits (mut i32) (i32.const 0))
    (func $readable (result i32) (i32.wrap_i64 (global.get $ends)))
    (func (export "start")
      (global.set $ends (call $new))
      (global.set $waits (call $set))
      (call $join (call $readable) (global.get $waits)))
    (func (export "drop")
      (call $drop (i32.wrap_i64 (i64.shr_u (global.get $ends) (i64.const 32)))))
    (func (export "read") (result i32)
      (call $read (call $readable) (i32.const 0) (i32.const 100)))
    (func (export "poll") (result i32) (call $poll (global.get $waits) (i32.const 1000))))
  (core instance $main (instantiate $main (with "" (instance
    (export "new" (func $new)) (export "read" (func $read)) (export "drop" (func $drop))
    (export "set" (func $set)) (export "join" (func $join)) (export "poll" (func $poll))))))
  (func (export "start") (canon lift (core func $main "start")))
  (func (export "drop") (canon lift (core func $main "drop")))
  (func (export "read") (result u32) (canon lift (core func $main "read")))
  (func (export "poll") (result u32) (canon lift (core func $main "poll"))))
WAT

cat > "$work/probe.py" <<'PYTHON'
import sys

import wasmtime
from wasmtime import component

TEXT = open(sys.argv[1]).read()
POLL = {0: "nothing", 2: "that a read ended"}


def guest():
    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    made = component.Component(engine, wasmtime.wat2wasm(TEXT))
    instance = component.Linker(engine).instantiate(store, made)
    return lambda name: instance.get_func(store, name)(store)


def read(call):
    try:
        return "says dropped" if call("read") == 1 else "says something else"
    except (wasmtime.Trap, wasmtime.WasmtimeError):
        return "traps"


call = guest()
call("start"), call("drop")
print(f"wasmtime: drop, read: the read {read(call)}")
call = guest()
call("start"), call("drop")
print(f"wasmtime: drop, poll, read: the poll says {POLL[call('poll')]}, the read {read(call)}")
PYTHON
cat > "$work/probe.mjs" <<'JAVASCRIPT'
import { readFileSync, writeFileSync } from "node:fs";

import { transpileBytes } from "@bytecodealliance/jco-transpile";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";

const POLL = { 0: "nothing", 2: "that a read ended" };

const component = await parse(readFileSync(process.argv[2], "utf8"));
const { files } = await transpileBytes(component, { name: "guest" });

async function guest(name) {
  writeFileSync(new URL(name, import.meta.url), files["guest.js"]);
  return import(`./${name}`);
}

function read(it) {
  try {
    return it.read() === 1 ? "says dropped" : "says something else";
  } catch {
    return "traps";
  }
}

const one = await guest("one.mjs");
one.start(), one.drop();
console.log(`jco: drop, read: the read ${read(one)}`);
const two = await guest("two.mjs");
two.start(), two.drop();
console.log(`jco: drop, poll, read: the poll says ${POLL[two.poll()]}, the read ${read(two)}`);
JAVASCRIPT

seen=$(
    timeout 60 "$work/venv/bin/python" "$work/probe.py" "$work/guest.wat"
    timeout 60 node "$work/probe.mjs" "$work/guest.wat"
)
echo "$seen"
if [ "$seen" != "$(sed -n 's/^# > //p' "$0")" ]; then
    echo "CHANGED: this is not what the comment at the top says" >&2
    exit 1
fi
echo "As found: an end that nobody waited for is told, and the read after it traps."
