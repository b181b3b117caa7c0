/**
 * The registry of the first implementation, to the letter of its plan, and one for each context.
 *
 * It belongs to the host. A stream holds chunks that nobody has pulled, or the one pull that waits:
 * a pull that meets a waiting one takes its place, and that one never settles.
 */

export const HIGH_WATER_MARK = 64 * 1024;
export const MAX_QUEUE_CHUNKS = 16;

const DONE = Object.freeze({ done: true });

class Stream {
  chunks = [];
  bytes = 0;
  closed = false;
  errored = false;
  reason = undefined;
  waiting = null;

  get isFull() {
    return this.bytes >= HIGH_WATER_MARK || this.chunks.length >= MAX_QUEUE_CHUNKS;
  }

  push(chunk) {
    if (this.closed || this.errored) return false;
    const pull = this.#takeWaiting();
    if (pull) {
      pull.resolve({ done: false, value: chunk });
    } else {
      this.chunks.push(chunk);
      this.bytes += chunk.length;
    }
    return true;
  }

  pull() {
    if (this.errored) return Promise.reject(this.reason);
    if (this.chunks.length > 0) return Promise.resolve({ done: false, value: this.#shift() });
    if (this.closed) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => { this.waiting = { resolve, reject }; });
  }

  close() {
    this.closed = true;
    this.#takeWaiting()?.resolve(DONE);
  }

  error(reason) {
    this.errored = true;
    this.reason = reason;
    this.#takeWaiting()?.reject(reason);
  }

  remove() {
    this.#takeWaiting()?.reject(new Error("Stream deleted"));
  }

  #shift() {
    const chunk = this.chunks.shift();
    this.bytes -= chunk.length;
    return chunk;
  }

  #takeWaiting() {
    const pull = this.waiting;
    this.waiting = null;
    return pull;
  }
}

export class Registry {
  #streams = new Map();
  #created = 0;

  create() {
    this.#streams.set(++this.#created, new Stream());
    return this.#created;
  }

  get = (id) => this.#streams.get(id);
  push = (id, chunk) => this.get(id)?.push(chunk) ?? false;
  pull = (id) => this.get(id)?.pull() ?? Promise.resolve(DONE);
  close = (id) => this.get(id)?.close();
  error = (id, reason) => this.get(id)?.error(reason);
  isQueueFull = (id) => this.get(id)?.isFull ?? true;

  delete(id) {
    this.get(id)?.remove();
    this.#streams.delete(id);
  }

  clear() {
    for (const id of [...this.#streams.keys()]) this.delete(id);
  }
}

const registries = new WeakMap();

/** The registry of this context, made when it is asked for the first time. */
export function registryOf(context) {
  if (!registries.has(context)) registries.set(context, new Registry());
  return registries.get(context);
}

/** Delete every stream of this context; whoever asks again gets a new registry. */
export function clearRegistryOf(context) {
  registries.get(context)?.clear();
  registries.delete(context);
}
