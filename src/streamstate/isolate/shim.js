// The guest's side of the table, run once in a fresh engine before any code of the guest's.
//
// It puts the callbacks of plan 01 and a few helpers into the global object. Everything that the
// host does to the guest comes in one ordered batch per turn: the host calls `__Stream_turn__`,
// which goes through it, entry by entry. All else is the guest calling the host.
//
// The guest may patch whatever it likes, so what is used later is copied here first, calls go
// through `uncurried` copies, nothing is spread, destructured or looked up in a prototype, and
// promises are awaited (which nobody can patch) or made, never chained. An engine makes an array of
// the host's as a guest's patches have it, so host functions return primitives and bytes; all else
// is fetched by itself, with `hostPayload`, and that it is there to be fetched, what has failed and
// which promise will bring it are numbers below zero.
(function (global) {
  "use strict";

  const { apply, ownKeys } = Reflect;
  const { create: createObject, defineProperty, getPrototypeOf, setPrototypeOf,
    getOwnPropertyDescriptor } = Object;
  const { isArray } = Array;
  const { isInteger, MAX_SAFE_INTEGER } = Number;
  const { parse } = JSON;
  const Bytes = Uint8Array, Promised = Promise, AnyError = Error, WrongType = TypeError,
    WrongRange = RangeError, text = String, evaluate = eval, objectPrototype = Object.prototype;
  const uncurried = Function.prototype.bind.bind(Function.prototype.call);
  const typedArray = getPrototypeOf(Bytes.prototype);
  const setBytes = uncurried(typedArray.set);
  const kindOfView = uncurried(getOwnPropertyDescriptor(typedArray, Symbol.toStringTag).get);
  const lengthOfView = uncurried(getOwnPropertyDescriptor(typedArray, "length").get);
  const lengthOfBuffer = uncurried(
    getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength").get);
  const wellFormed = uncurried(String.prototype.toWellFormed);
  const cut = uncurried(String.prototype.slice);
  const raised = new WeakMap(), noteRaised = uncurried(WeakMap.prototype.set),
    findRaised = uncurried(WeakMap.prototype.get);
  const asyncIterator = Symbol.asyncIterator;

  /** A function of the host's, which the guest never sees bare. */
  function taken(name) {
    const key = "__Stream_host_" + name, hosted = global[key];
    delete global[key];
    return hosted;
  }
  const hostNext = taken("next"), hostPayload = taken("payload"), hostDone = taken("done"), hostCall = taken("call"),
    hostCreate = taken("create"), hostPush = taken("push"), hostWrite = taken("write"),
    hostPull = taken("pull"), hostPullJson = taken("pull_json"), hostRead = taken("read"),
    hostClose = taken("close"), hostError = taken("error"), hostIsFull = taken("is_full"), hostIsKnown = taken("knows");
  const mostBytes = taken("most_bytes")();

  // What the host means by a number: see `outbox.py`, which has the same names.
  const EVAL = 0, CALL = 1, BIND = 2, RESOLVE = 3, REJECT = 4, FORGET = 5, KINDS = 8;
  const AT_ONCE = -1, FAILED = -2, FIRST_TICKET = -3;

  const BYTES = "Uint8Array";
  const MOST_NESTED = 100, MOST_TEXT = 10_000;

  // Ticket → the two functions that settle its promise. The host gives the lowest free ticket.
  const waiting = setPrototypeOf([], null);

  /** The error that the host described: [name, message, number of its exception or -1]. */
  function errorOf(text) {
    const failure = parse(text), name = failure[0], message = failure[1];
    const error = name === "TypeError" ? new WrongType(message)
      : name === "RangeError" ? new WrongRange(message) : new AnyError(message);
    if (error.name !== name) {
      defineProperty(error, "name",
        { __proto__: null, value: name, writable: true, configurable: true });
    }
    if (failure[2] >= 0) noteRaised(raised, error, failure[2]);
    return error;
  }

  /** What a host function returned, if it did not fail. */
  function answered(returned) {
    if (returned === FAILED) throw errorOf(hostPayload());
    return returned;
  }

  /** The promise of what a host function returned that did not return the value itself. `shape` is
   * what becomes of the value. */
  function promised(returned, shape) {
    if (returned === AT_ONCE) return resolvedAs(shape(fetched()));
    if (returned === FAILED) return rejected(errorOf(hostPayload()));
    return new Promised((resolve, reject) => {
      waiting[FIRST_TICKET - returned] = { __proto__: null, resolve, reject, shape };
    });
  }

  /** What is to be fetched. */
  function fetched() {
    try {
      return hostPayload();
    } catch (thrown) {
      throw tooLarge(thrown);
    }
  }

  /** What is thrown where the engine could not bring something across. */
  function tooLarge(thrown) {
    return hasRoom() ? new WrongRange(TOO_LARGE[1]) : thrown;
  }

  async function resolvedAs(value) { // half the time of a promise that is made and resolved
    return value;
  }

  function rejected(error) {
    return new Promised((_, reject) => reject(error));
  }

  /** A promise of what a pull brought. All in one, which takes two thirds of the time of parts. */
  async function resultOf(chunk) {
    return chunk === null ? { value: undefined, done: true } : { value: chunk, done: false };
  }

  const asItIs = (value) => value;
  const asResult = (chunk) => chunk === null ? { value: undefined, done: true }
    : { value: chunk, done: false };

  // ---- what crosses ----

  function streamOf(id) {
    if (typeof id !== "number") throw new WrongType("stream must be a number, not " + typeof id);
    if (!isInteger(id) || id < 0 || id > MAX_SAFE_INTEGER) {
      throw new WrongRange("stream must be an integer from 0 to 2^53 - 1, not " + id);
    }
    return id;
  }

  function bytesOf(chunk) {
    if (kindOfView(chunk) === BYTES) return chunk;
    if (isArray(chunk)) {
      const length = chunk.length;
      if (!(length <= mostBytes)) throw new WrongRange("chunk has more than " + mostBytes + " bytes");
      const bytes = new Bytes(length);
      setBytes(bytes, chunk);
      return bytes;
    }
    const bytes = viewOf(chunk);
    if (bytes !== null) return bytes;
    throw new WrongType("chunk must be an array of numbers, a Uint8Array or an ArrayBuffer, not "
      + (chunk === null ? "null" : typeof chunk));
  }

  /** The value as a Uint8Array if it is one, or an ArrayBuffer; else null. */
  function viewOf(value) {
    if (typeof value !== "object" || value === null) return null;
    const kind = kindOfView(value);
    if (kind !== undefined) return kind === BYTES ? value : null;
    try {
      lengthOfBuffer(value);
    } catch {
      return null;
    }
    return new Bytes(value);
  }

  /** A copy of the value that has nothing of the guest's in it. Throws where there is none. */
  function plain(value, depth) {
    switch (typeof value) {
      case "undefined": return null;
      case "boolean": case "number": case "bigint": return value;
      case "string": return wellFormed(value);
      case "object": break;
      default: throw new WrongType("a " + typeof value + " cannot be handed to the host");
    }
    if (value === null) return null;
    if (depth === MOST_NESTED) {
      throw new WrongType("more than " + MOST_NESTED + " levels, or an endless loop, of objects"
        + " cannot be handed to the host");
    }
    if (isArray(value)) {
      const copy = setPrototypeOf([], null), length = value.length;
      for (let at = 0; at < length; at++) copy[at] = plain(value[at], depth + 1);
      return copy;
    }
    const bytes = viewOf(value);
    if (bytes !== null) {
      if (lengthOfView(bytes) === 0) setBytes(new Bytes(0), bytes); // throws if its buffer has gone
      return bytes;
    }
    const parent = getPrototypeOf(value);
    if (parent !== null && parent !== objectPrototype) {
      throw new WrongType("only plain objects, arrays, Uint8Arrays and ArrayBuffers can be handed"
        + " to the host");
    }
    const copy = createObject(null), keys = ownKeys(value);
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at];
      if (typeof key === "string" && getOwnPropertyDescriptor(value, key)?.enumerable) {
        copy[wellFormed(key)] = plain(value[key], depth + 1);
      }
    }
    return copy;
  }

  /** What was thrown, as [name, message, stack, number of the host's exception or -1]. */
  function described(thrown) {
    if (typeof thrown !== "object" || thrown === null) return ["", wording(thrown), "", -1];
    const number = findRaised(raised, thrown) ?? -1;
    return [wording(thrown.name), wording(thrown.message), wording(thrown.stack), number];
  }

  const OUT_OF_MEMORY = ["InternalError", "out of memory", "", -1];
  const TOO_LARGE = ["RangeError", "what was to cross between guest and host is too large", "", -1];
  const INDESCRIBABLE = ["Error", "what was thrown cannot be described", "", -1];

  function hasRoom() {
    try {
      return new Bytes(65_536).length > 0;
    } catch {
      return false;
    }
  }

  function wording(value) {
    return value === undefined ? "" : cut(wellFormed(text(value)), 0, MOST_TEXT);
  }

  // ---- what the host does ----

  /** Tell the host how `begin` ends, whenever it does. Nothing may come out of here. */
  function finish(number, begin) {
    let value;
    try {
      value = begin();
      if (typeof value !== "object" && typeof value !== "function") value = plain(value, 0);
      else if (value !== null) return finishLater(number, value);
    } catch (thrown) {
      return hostDone(number, false, toldOf(thrown));
    }
    tellValue(number, value);
  }

  async function finishLater(number, awaited) {
    let value;
    try {
      value = plain(await awaited, 0);
    } catch (thrown) {
      return hostDone(number, false, toldOf(thrown));
    }
    tellValue(number, value);
  }

  function tellValue(number, value) {
    try {
      hostDone(number, true, value);
    } catch {
      hostDone(number, false, TOO_LARGE);
    }
  }

  function toldOf(thrown) {
    try {
      // An engine that is out of memory may have none left for an error: it throws null.
      return thrown !== null || hasRoom() ? described(thrown) : OUT_OF_MEMORY;
    } catch {
      return hasRoom() ? INDESCRIBABLE : OUT_OF_MEMORY;
    }
  }

  function called() {
    const name = fetched(), args = fetched(), target = global[name];
    if (typeof target !== "function") throw new WrongType(name + " is no global function");
    return apply(target, undefined, args);
  }

  function bound(name) {
    const target = { [name](...args) {
      const returned = answered(asked(name, plain(args, 0)));
      if (typeof returned !== "number" || returned >= 0) return returned;
      return returned === AT_ONCE ? fetched() : promised(returned, asItIs);
    } }[name];
    defineProperty(global, name,
      { __proto__: null, value: target, writable: true, enumerable: true, configurable: true });
  }

  function asked(name, args) {
    try {
      return hostCall(name, args);
    } catch (thrown) {
      throw tooLarge(thrown);
    }
  }

  function settled(ticket) {
    const settling = waiting[ticket];
    waiting[ticket] = undefined;
    return settling;
  }

  function resolved(settling) {
    let value;
    try {
      value = settling.shape(fetched());
    } catch (thrown) {
      return settling.reject(thrown);
    }
    settling.resolve(value);
  }

  function perform(kind, number) {
    switch (kind) {
      case EVAL: return finish(number, () => evaluate(fetched()));
      case CALL: return finish(number, called);
      case BIND: try { bound(hostPayload()); } catch { /* its global object refuses it */ } return;
      case RESOLVE: return resolved(settled(number));
      case REJECT: return settled(number).reject(errorOf(hostPayload()));
      case FORGET: settled(number);
    }
  }

  function turn() {
    for (let entry = hostNext(); entry >= 0; entry = hostNext()) {
      const kind = entry % KINDS;
      perform(kind, (entry - kind) / KINDS);
    }
  }

  // ---- what the guest has ----

  // Of the many calls one after the other that name the same stream, the first looks at what it is.
  let lastStream = 0;

  function push(id, chunk) {
    if (id !== lastStream) lastStream = streamOf(id);
    const returned = hostPush(id, kindOfView(chunk) === BYTES ? chunk : bytesOf(chunk));
    if (returned === FAILED) throw errorOf(hostPayload());
    return returned;
  }

  const close = (id) => { answered(hostClose(streamOf(id))); };
  const fail = (id, message) => { answered(hostError(streamOf(id), wellFormed(text(message)))); };
  const isFull = (id) => answered(hostIsFull(streamOf(id)));

  /** What pulls by this function of the host's. `now` makes the promise of what was brought at
   * once, `shape` is what becomes of what comes later. */
  function puller(hosted, now, shape) {
    return (id) => {
      if (id !== lastStream) {
        try {
          lastStream = streamOf(id);
        } catch (error) {
          return rejected(error);
        }
      }
      try {
        const returned = hosted(id);
        return typeof returned === "number" ? promised(returned, shape) : now(returned);
      } catch (thrown) {
        return rejected(tooLarge(thrown));
      }
    };
  }

  function write(id, chunk) {
    try {
      const returned = hostWrite(streamOf(id), bytesOf(chunk));
      return typeof returned === "number" ? promised(returned, asItIs) : resolvedAs(returned);
    } catch (error) {
      return rejected(error);
    }
  }

  /** The chunks of a stream, for `for await`, as `StreamStateRegistry.chunks` has them. */
  function reader(id) {
    let over = !answered(hostIsKnown(streamOf(id)));
    const shape = (chunk) => {
      over ||= chunk === null;
      return asResult(chunk);
    };
    const now = (chunk) => {
      over ||= chunk === null;
      return resultOf(chunk);
    };
    const pull = puller(hostRead, now, shape);
    return {
      next: () => over ? resultOf(null) : pull(id),
      async return(value) {
        over = true;
        return { value, done: true };
      },
      [asyncIterator]() { return this; },
    };
  }

  /** Writes to a stream. `write` waits for room, without polling, and then pushes. */
  function writer(id) {
    streamOf(id);
    return {
      push: (chunk) => push(id, chunk),
      write: (chunk) => write(id, chunk),
      isFull: () => isFull(id),
      close: () => close(id),
      error: (message) => fail(id, message),
    };
  }

  /** The stream as a ReadableStream, if the guest has brought that class. */
  function readable(id) {
    const chunks = reader(id);
    return new global.ReadableStream({
      async pull(controller) {
        const result = await chunks.next();
        if (result.done) controller.close();
        else controller.enqueue(result.value);
      },
      cancel(reason) { fail(id, reason === undefined ? "cancelled" : reason?.message ?? reason); },
    }, { highWaterMark: 0 });
  }

  /** The stream as a WritableStream, if the guest has brought that class. */
  function writable(id) {
    streamOf(id);
    return new global.WritableStream({
      async write(chunk) {
        if (!await write(id, chunk)) throw new AnyError("the stream has gone");
      },
      close() { close(id); },
      abort(reason) { fail(id, reason === undefined ? "aborted" : reason?.message ?? reason); },
    }, { highWaterMark: 1 });
  }

  const pullJson = puller(hostPullJson, resolvedAs, asItIs);

  const callbacks = {
    __proto__: null,
    __Stream_create: () => answered(hostCreate()),
    __Stream_push: push,
    __Stream_pull_ref: {
      apply: (_, args) => pullJson(args?.[0]),
    },
    __Stream_close: close,
    __Stream_error: fail,
    __Stream_isQueueFull: isFull,
    __Stream_pull: puller(hostPull, resultOf, asResult),
    __Stream_reader: reader,
    __Stream_writer: writer,
    __Stream_readable: readable,
    __Stream_writable: writable,
  };
  for (const name of ownKeys(callbacks)) global[name] = callbacks[name];
  defineProperty(global, "__Stream_turn__", { __proto__: null, value: turn });
})(this);
