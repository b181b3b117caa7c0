/**
 * A stream state registry: the host's table of the byte streams that it shares with its guests.
 *
 * A stream is known by its number. One side pushes chunks, the other pulls them. At any time a
 * stream holds either chunks that nobody pulled or pulls that nobody answered, never both: a chunk
 * that meets a waiting pull is handed over, a pull that meets a queued chunk takes it.
 *
 * Where registries differ, a policy field of the dialect decides (POLICIES). The default is the
 * dialect `reference`.
 */

/** Bytes in a queue from which on it counts as full. */
export const HIGH_WATER_MARK = 64 * 1024;

/** Chunks in a queue from which on it counts as full. */
export const MAX_QUEUE_CHUNKS = 16;

/** Each policy field with its values; the first is what `reference` says. */
export const POLICIES = Object.freeze({
  overlapping_pull: ["supersede", "overwrite", "refuse", "queue"],
  errored_backlog: ["hold", "drain", "drop"],
  error_when_closed: ["apply", "ignore", "while_queued"],
  repeated_error: ["replace", "keep"],
  push_when_full: ["accept", "refuse"],
});

/**
 * Make a registry. `pull` takes effect when it is called and returns a promise of
 * `{ value, done: false }` or `{ done: true }`; everything else is synchronous. Ids that are
 * unknown are legal everywhere. Throws a RangeError for a policy or a limit that does not exist.
 */
export function createStreamStateRegistry({ dialect = {}, limits = {} } = {}) {
  const settings = { ...completeDialect(dialect), ...completeLimits(limits) };
  const streams = new Map();
  let nextId = 1;

  function create() {
    const id = nextId++;
    streams.set(id, new Stream(settings));
    return id;
  }

  function remove(id) {
    streams.get(id)?.dispose();
    streams.delete(id);
  }

  function clear() {
    for (const id of [...streams.keys()]) remove(id);
  }

  return {
    create,
    get: (id) => streams.get(id)?.view,
    push: (id, chunk) => streams.get(id)?.push(copied(chunk)) ?? false,
    pull: (id) => streams.get(id)?.pull() ?? Promise.resolve(DONE),
    close: (id) => streams.get(id)?.close(),
    error: (id, value) => streams.get(id)?.error(value),
    isQueueFull: (id) => streams.get(id)?.isFull() ?? true,
    delete: remove,
    clear,
  };
}

const DONE = Object.freeze({ done: true });

/** One stream. A pull that waits is the pair of functions that settle its promise. */
class Stream {
  queue = [];
  queueSize = 0;
  closed = false;
  errored = false;
  errorValue = undefined;
  deleted = false;
  waiting = [];

  constructor(settings) {
    this.settings = settings;
    this.view = new View(this);
  }

  /** A pull that waits makes room, whatever the limits are. */
  isFull() {
    return !this.isPullWaiting() && this.hasReachedALimit();
  }

  hasReachedALimit() {
    const enoughBytes = this.queueSize >= this.settings.highWaterMark;
    const enoughChunks = this.queue.length >= this.settings.maxQueueChunks;
    return enoughBytes || enoughChunks;
  }

  isPullWaiting() {
    return this.waiting.length > 0;
  }

  push(chunk) {
    if (this.errored) return false;
    if (this.closed) return false;
    if (this.isPullWaiting()) return this.handOver(chunk);
    if (this.isFull() && this.settings.push_when_full === "refuse") return false;
    return this.append(chunk);
  }

  handOver(chunk) {
    this.waiting.shift().resolve({ value: chunk, done: false });
    return true;
  }

  append(chunk) {
    this.queue.push(chunk);
    this.queueSize += chunk.length;
    return true;
  }

  pull() {
    if (this.isChunkInReach()) return Promise.resolve({ value: this.take(), done: false });
    if (this.errored) return Promise.reject(this.errorValue);
    if (this.closed) return Promise.resolve(DONE);
    if (this.isPullWaiting()) return this.pullWhileAnotherWaits();
    return this.wait();
  }

  isChunkInReach() {
    const withheld = this.errored && this.settings.errored_backlog === "hold";
    return this.queue.length > 0 && !withheld;
  }

  take() {
    const chunk = this.queue.shift();
    this.queueSize -= chunk.length;
    return chunk;
  }

  wait() {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
    });
  }

  pullWhileAnotherWaits() {
    switch (this.settings.overlapping_pull) {
      case "overwrite":
        this.waiting.pop();
        return this.wait();
      case "supersede":
        this.waiting.pop().reject(new Error("Pull superseded"));
        return this.wait();
      case "refuse":
        return Promise.reject(new Error("Pull refused"));
      case "queue":
        return this.wait();
    }
  }

  close() {
    this.closed = true;
    for (const pull of this.endWaits()) pull.resolve(DONE);
  }

  error(value) {
    if (this.isErrorIgnored()) return;
    this.errored = true;
    this.errorValue = value;
    if (this.settings.errored_backlog === "drop") this.drop();
    for (const pull of this.endWaits()) pull.reject(value);
  }

  isErrorIgnored() {
    if (this.errored) return this.settings.repeated_error === "keep";
    if (!this.closed || this.settings.error_when_closed === "apply") return false;
    return this.settings.error_when_closed === "ignore" || this.queue.length === 0;
  }

  /** What is left is what a view of a deleted stream shows: the flags as they were. */
  dispose() {
    this.deleted = true;
    this.drop();
    for (const pull of this.endWaits()) pull.reject(new Error("Stream deleted"));
  }

  drop() {
    this.queue = [];
    this.queueSize = 0;
  }

  /** The pulls that waited, oldest first; none waits any more. */
  endWaits() {
    return this.waiting.splice(0);
  }
}

/** What others may see of a stream. It is live: it shows the stream as it is when it is read. */
class View {
  #stream;

  constructor(stream) {
    this.#stream = stream;
  }

  get queue() {
    return [...this.#stream.queue];
  }

  get queueSize() {
    return this.#stream.queueSize;
  }

  get closed() {
    return this.#stream.closed;
  }

  get errored() {
    return this.#stream.errored;
  }

  get errorValue() {
    return this.#stream.errorValue;
  }

  get pullWaiting() {
    return this.#stream.isPullWaiting();
  }

  get deleted() {
    return this.#stream.deleted;
  }
}

/** The bytes of `chunk` as they are now: the caller may use its buffer again. */
function copied(chunk) {
  if (!(chunk instanceof Uint8Array)) throw new TypeError("a chunk must be a Uint8Array");
  return new Uint8Array(chunk);
}

function completeDialect(given) {
  for (const [field, value] of Object.entries(given)) {
    if (!POLICIES[field]?.includes(value)) throw new RangeError(`no policy ${field}=${value}`);
  }
  const reference = Object.entries(POLICIES).map(([field, values]) => [field, values[0]]);
  return { ...Object.fromEntries(reference), ...given };
}

function completeLimits({ highWaterMark = HIGH_WATER_MARK, maxQueueChunks = MAX_QUEUE_CHUNKS }) {
  for (const limit of [highWaterMark, maxQueueChunks]) {
    if (!Number.isInteger(limit) || limit < 0) throw new RangeError(`no limit ${limit}`);
  }
  return { highWaterMark, maxQueueChunks };
}
