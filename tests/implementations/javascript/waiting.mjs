// A small registry in the dialect `reference+push_when_full=wait`: `push` returns true, false, or,
// where the stream is full, a promise that settles once the push is accepted or turned away.
// `push(id, chunk, signal)` can be given up by aborting the signal.
const deleted = () => new Error("Stream deleted");

export function createWaitingRegistry({ highWaterMark = 65_536, maxQueueChunks = 16 } = {}) {
  const streams = new Map();
  let created = 0;
  const full = ({ queue }) => queue.length >= maxQueueChunks
    || queue.reduce((sum, chunk) => sum + chunk.length, 0) >= highWaterMark;
  const settle = (stream, how, what) => {
    const { waiting } = stream;
    stream.waiting = undefined;
    waiting?.[how](what);
    return waiting !== undefined;
  };
  const admit = (stream) => {
    while (stream.offers.length > 0 && !full(stream)) {
      const { chunk, accept } = stream.offers.shift();
      stream.queue.push(chunk);
      accept(true);
    }
  };
  const meet = (stream) => {
    const [{ chunk, accept: taken }] = stream.offers.splice(0, 1);
    taken(true);
    return { done: false, value: chunk };
  };
  const turnAway = (stream, error) => {
    for (const { turnAway: tell } of stream.offers.splice(0)) tell(error);
  };
  const wait = (stream, chunk, signal) => new Promise((accept, tell) => {
    const offer = { chunk, accept, turnAway: tell };
    stream.offers.push(offer);
    signal?.addEventListener("abort", () => {
      const at = stream.offers.indexOf(offer);
      if (at >= 0) {
        stream.offers.splice(at, 1);
        tell(signal.reason);
      }
    });
  });
  const remove = (id) => {
    const stream = streams.get(id);
    if (stream === undefined) return;
    streams.delete(id);
    settle(stream, "reject", deleted());
    turnAway(stream, deleted());
  };
  return {
    create() {
      streams.set(++created, { queue: [], offers: [], closed: false, error: undefined });
      return created;
    },
    push(id, chunk, signal) {
      const stream = streams.get(id);
      if (stream === undefined || stream.closed || stream.error) return false;
      const own = Uint8Array.from(chunk);
      if (settle(stream, "resolve", { done: false, value: own })) return true;
      if (full(stream)) return wait(stream, own, signal);
      stream.queue.push(own);
      return true;
    },
    async pull(id) {
      const stream = streams.get(id);
      if (stream === undefined) return { done: true };
      if (stream.error) throw stream.error;
      if (stream.queue.length > 0) {
        const value = stream.queue.shift();
        admit(stream);
        return { done: false, value };
      }
      if (stream.offers.length > 0) return meet(stream);
      if (stream.closed) return { done: true };
      settle(stream, "reject", new Error("Pull superseded"));
      return new Promise((resolve, reject) => { stream.waiting = { resolve, reject }; });
    },
    close(id) {
      const stream = streams.get(id);
      if (stream === undefined) return;
      stream.closed = true;
      settle(stream, "resolve", { done: true });
      turnAway(stream, new Error("Stream closed"));
    },
    error(id, error) {
      const stream = streams.get(id);
      if (stream === undefined) return;
      stream.error = error;
      settle(stream, "reject", error);
      turnAway(stream, error);
    },
    isQueueFull(id) {
      const stream = streams.get(id);
      if (stream === undefined) return true;
      return stream.waiting === undefined && full(stream);
    },
    delete: remove,
    clear() {
      for (const id of [...streams.keys()]) remove(id);
    },
  };
}
