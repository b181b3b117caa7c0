/** A small stream state registry in TypeScript, in the dialect `reference`, beside which the
 * TypeScript starter is tried. */

export type Pulled = { done: true } | { done: false; value: Uint8Array };

export type View = {
  queue: Uint8Array[];
  queueSize: number;
  closed: boolean;
  errored: boolean;
  pullWaiting: boolean;
  errorValue: Error | undefined;
};

export interface Registry {
  create(): number;
  push(id: number, chunk: Uint8Array): boolean;
  pull(id: number): Promise<Pulled>;
  close(id: number): void;
  error(id: number, reason: Error): void;
  isQueueFull(id: number): boolean;
  get(id: number): View | undefined;
  delete(id: number): void;
  clear(): void;
}

type Waiting = { resolve: (pulled: Pulled) => void; reject: (reason: Error) => void };

class Stream {
  queue: Uint8Array[] = [];
  closed = false;
  reason: Error | undefined;
  waiting: Waiting | undefined;

  /** Takes the waiting pull, if there is one. */
  taken(): Waiting | undefined {
    const waiting = this.waiting;
    this.waiting = undefined;
    return waiting;
  }

  get size(): number {
    return this.queue.reduce((size, chunk) => size + chunk.length, 0);
  }
}

export function createStreamStateRegistry(
  highWaterMark = 65_536,
  maxQueueChunks = 16,
): Registry {
  const streams = new Map<number, Stream>();
  let created = 0;
  const registry: Registry = {
    create() {
      streams.set(++created, new Stream());
      return created;
    },
    push(id, chunk) {
      const stream = streams.get(id);
      if (stream === undefined || stream.closed || stream.reason) return false;
      const waiting = stream.taken();
      const own = new Uint8Array(chunk);
      if (waiting) waiting.resolve({ done: false, value: own });
      else stream.queue.push(own);
      return true;
    },
    async pull(id) {
      const stream = streams.get(id);
      if (stream === undefined) return { done: true };
      if (stream.reason) throw stream.reason;
      const value = stream.queue.shift();
      if (value !== undefined) return { done: false, value };
      if (stream.closed) return { done: true };
      stream.taken()?.reject(new Error("Pull superseded"));
      return new Promise<Pulled>((resolve, reject) => {
        stream.waiting = { resolve, reject };
      });
    },
    close(id) {
      const stream = streams.get(id);
      if (stream === undefined) return;
      stream.closed = true;
      stream.taken()?.resolve({ done: true });
    },
    error(id, reason) {
      const stream = streams.get(id);
      if (stream === undefined) return;
      stream.reason = reason;
      stream.taken()?.reject(reason);
    },
    isQueueFull(id) {
      const stream = streams.get(id);
      if (stream === undefined) return true;
      return stream.size >= highWaterMark || stream.queue.length >= maxQueueChunks;
    },
    get(id) {
      const stream = streams.get(id);
      return stream && {
        queue: [...stream.queue],
        queueSize: stream.size,
        closed: stream.closed,
        errored: stream.reason !== undefined,
        pullWaiting: stream.waiting !== undefined,
        errorValue: stream.reason,
      };
    },
    delete(id) {
      streams.get(id)?.taken()?.reject(new Error("Stream deleted"));
      streams.delete(id);
    },
    clear() {
      for (const id of [...streams.keys()]) registry.delete(id);
    },
  };
  return registry;
}
