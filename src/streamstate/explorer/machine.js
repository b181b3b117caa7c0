"use strict";

/* What a registry does, in one dialect. Which rule an op takes, where that leads and what is done
   there is data: the model's own table. Here is how each action of the table is done, and how an op
   finds its stream. Chunks are base64 text, as on the wire. */

const sizeOf = (chunk) =>
  (chunk.length / 4) * 3 - (chunk.endsWith("==") ? 2 : chunk.endsWith("=") ? 1 : 0);

const sum = (chunks) => chunks.reduce((size, chunk) => size + sizeOf(chunk), 0);

/* A stream does `event`; `subject` is what that is about: a pull, a chunk with its place, an error.
   The actions change the stream and tell what happens. */
const ACTIONS = {
  APPEND({ stream, subject }) {
    stream.accepted += 1;
    stream.queue.push({ place: stream.accepted, chunk: subject.chunk });
  },
  HAND_QUEUED(doing) {
    hand(doing, doing.subject.pull, doing.stream.queue.shift());
  },
  HAND_PUSHED(doing) {
    const { stream, subject } = doing;
    stream.accepted += 1;
    hand(doing, stream.pulls.shift(), { place: stream.accepted, chunk: subject.chunk });
  },
  WAIT({ stream, subject }) {
    stream.pulls.push(subject.pull);
  },
  FINISH({ subject, tell }) {
    tell({ pull: subject.pull, as: "done" });
  },
  FAIL({ stream, subject, tell }) {
    tell({ pull: subject.pull, as: "error", message: stream.error });
  },
  REFUSE({ subject, tell, reasons }) {
    tell({ pull: subject.pull, as: "error", message: reasons.refused });
  },
  SUPERSEDE_WAITING({ stream, tell, reasons }) {
    tell({ pull: stream.pulls.shift(), as: "error", message: reasons.superseded });
  },
  ABANDON_WAITING({ stream, tell }) {
    tell({ pull: stream.pulls.shift(), as: "abandoned" });
  },
  FINISH_WAITING({ stream, tell }) {
    for (const pull of stream.pulls.splice(0)) tell({ pull, as: "done" });
  },
  FAIL_WAITING({ stream, tell }) {
    for (const pull of stream.pulls.splice(0)) tell({ pull, as: "error", message: stream.error });
  },
  DELETE_WAITING({ stream, tell, reasons }) {
    for (const pull of stream.pulls.splice(0)) {
      tell({ pull, as: "error", message: reasons.deleted });
    }
  },
  LEAVE({ stream, subject }) {
    stream.pulls = stream.pulls.filter((pull) => pull !== subject.pull);
  },
  SET_ERROR({ stream, subject }) {
    stream.error = subject.error;
  },
  DROP_QUEUED({ stream }) {
    stream.queue = [];
  },
  HAND_ON(doing) {
    letGo(doing);
    hand(doing, doing.stream.pulls.shift(), doing.subject);
  },
  GIVE_BACK(doing) {
    const { stream, subject } = doing;
    letGo(doing);
    stream.queue.push({ place: subject.place, chunk: subject.chunk });
    stream.queue.sort((one, other) => one.place - other.place);
  },
  LET_GO(doing) {
    letGo(doing);
  },
  WAIT_PUSH({ state, stream, subject }) {
    stream.pushes.push({ push: subject.push, chunk: subject.chunk });
    state.nextPush += 1;
  },
  ADMIT({ state, stream, tell }) {
    for (const { push, chunk } of stream.pushes.splice(0, roomFor(state.limits, stream))) {
      stream.accepted += 1;
      stream.queue.push({ place: stream.accepted, chunk });
      tell({ push, as: "accepted" });
    }
  },
  CLOSE_PUSHES(doing) {
    turnAway(doing, doing.reasons.closed);
  },
  FAIL_PUSHES(doing) {
    turnAway(doing, doing.stream.error);
  },
  DELETE_PUSHES(doing) {
    turnAway(doing, doing.reasons.deleted);
  },
  LEAVE_PUSH({ stream, subject }) {
    stream.pushes = stream.pushes.filter(({ push }) => push !== subject.push);
  },
  UNBLOCK({ stream, tell }) {
    tell({ stream: stream.number, as: "unblocked" });
  },
  HAND_OFFERED(doing) {
    const { stream, subject, tell } = doing;
    const { push, chunk } = stream.pushes.shift();
    stream.accepted += 1;
    hand(doing, subject.pull, { place: stream.accepted, chunk });
    tell({ push, as: "accepted" });
  },
};

function hand({ state, stream, tell }, pull, { place, chunk }) {
  tell({ pull, as: "value", chunk });
  state.handed.push({ pull, stream: stream.number, place, chunk });
}

function turnAway({ stream, tell }, message) {
  for (const { push } of stream.pushes.splice(0)) tell({ push, as: "turned_away", message });
}

/* For how many of the pushes that wait there is room, oldest first, as long as it is not full. */
function roomFor(limits, { queue, pushes }) {
  const chunks = queue.map(({ chunk }) => chunk);
  const isFull = () => levelOf(limits, chunks.length, sum(chunks)) >= 2;
  const before = chunks.length;
  for (const { chunk } of pushes) {
    if (isFull()) break;
    chunks.push(chunk);
  }
  return chunks.length - before;
}

function letGo({ state, subject }) {
  state.handed = state.handed.filter((handed) => handed.pull !== subject.pull);
}

/* How many chunks more an event leaves in a queue: the table asks at which level that is. */
const CHUNKS_MORE = { PUSH: 1, CANCEL_HANDED: 1, PULL: -1 };

class Machine {
  constructor(data) {
    this.data = data;
  }

  initial(dialect, limits) {
    return { dialect, limits, nextStream: 1, nextPull: 1, nextPush: 1, streams: [], handed: [] };
  }

  /* The state after an op, the rule that it took, what it returned, what else happened, in order,
     and which streams changed how. */
  step(before, op) {
    const state = copyOf(before);
    const [name, of, what] = op;
    switch (name) {
      case "create": {
        const number = state.nextStream;
        state.nextStream += 1;
        return { ...this.#react(state, number, "CREATE"), returned: number };
      }
      case "get": {
        const returned = viewOf(state.streams.find(({ number }) => number === of));
        return { ...this.#react(state, of, "GET"), returned };
      }
      case "clear":
        return this.#clear(state);
      case "pull": {
        const pull = state.nextPull;
        state.nextPull += 1;
        return this.#react(state, of, "PULL", { pull });
      }
      case "push":
        return this.#react(state, of, "PUSH", { chunk: what, push: state.nextPush });
      case "error":
        return this.#react(state, of, "ERROR", { error: what });
      case "cancel_pull":
        return this.#ofPull(state, of, "CANCEL");
      case "seen":
        return this.#ofPull(state, of, "SEEN");
      case "cancel_push":
        return this.#ofPush(state, of);
      default:
        return this.#react(state, of, name.toUpperCase());
    }
  }

  /* What is answered at once: an op, or several done together. Where awaiters look at once, they
     have looked at all that they were handed before the next turn. */
  turn(before, turn, { looksAtOnce }) {
    const together = turn[0] === "together";
    const steps = [];
    const returned = [];
    let state = before;
    let told = [];
    for (const op of together ? turn.slice(1) : [turn]) {
      const step = this.step(state, op);
      state = step.state;
      steps.push(step);
      returned.push(step.returned);
      told.push(...step.told);
      // A pull that is given up before anybody looks has settled for nobody.
      const givenUp = together && op[0] === "cancel_pull" ? op[1] : null;
      told = told.filter(({ pull }) => givenUp === null || pull !== givenUp);
    }
    const looked = looksAtOnce ? state.handed : [];
    for (const { pull } of looked) state = this.step(state, ["seen", pull]).state;
    return { steps, returned: together ? returned : returned[0], told, looked, state };
  }

  situation({ limits }, stream) {
    const phase = stream?.phase ?? "ABSENT";
    const chunks = (stream?.queue ?? []).map(({ chunk }) => chunk);
    return this.#situation(phase, levelOf(limits, chunks.length, sum(chunks)));
  }

  #situation(phase, level) {
    return this.data.at[phase][level];
  }

  #react(state, number, event, subject = {}) {
    const known = state.streams.find((each) => each.number === number);
    const stream = known ?? newStream(number);
    const from = this.situation(state, stream);
    const { rule, leads, actions, returned } = this.#transition(state, stream, event, subject, from);
    const told = [];
    const tell = (each) => told.push(each);
    const doing = { state, stream, subject, tell, reasons: this.data.reasons };
    for (const action of actions) ACTIONS[action](doing);
    stream.phase = this.data.situations[leads].phase;
    const to = this.situation(state, stream); // with a limit of zero, nothing queued is full
    if (stream.phase === "ABSENT") state.streams = state.streams.filter((each) => each !== stream);
    else if (known === undefined) state.streams.push(stream);
    return { rule, returned, told, changes: [{ number, from, to, actions }], state };
  }

  #transition({ dialect, limits }, stream, event, { chunk }, from) {
    const queue = stream.queue.map((each) => each.chunk);
    const more = CHUNKS_MORE[event] ?? 0;
    const left = more < 0 ? queue.slice(1) : more > 0 ? [...queue, chunk] : queue;
    const { pulls, pushes } = stream;
    const meets = more < 0 && queue.length === 0 && pushes.length > 0;
    const fits = more < 0 ? roomFor(limits, { queue: stream.queue.slice(1), pushes }) : 0;
    const admitted = meets ? 1 : fits;
    left.push(...pushes.slice(0, fits).map((each) => each.chunk));
    const after = levelOf(limits, left.length, sum(left));
    const { policies, cells } = this.data.table[event];
    const chosen = cells[policies.map((field) => dialect[field]).join(" ")];
    const waiting = pulls.length + pushes.length;
    const others = waiting > (more < 0 && pushes.length > 0 ? admitted : 1) ? 1 : 0;
    return this.data.transitions[chosen[(from * this.data.levels + after) * 2 + others]];
  }

  #clear(state) {
    const pulls = state.streams.some((stream) => stream.pulls.length > 0);
    const pushes = state.streams.some((stream) => stream.pushes.length > 0);
    const waiting = pushes ? 2 : Number(pulls);
    const deleted = [...state.streams].map(({ number }) => this.#react(state, number, "DELETE"));
    const changes = deleted.flatMap((each) => each.changes);
    const told = deleted.flatMap((each) => each.told);
    return { rule: this.data.clear[waiting], returned: null, told, changes, state };
  }

  #ofPull(state, pull, what) {
    const handed = state.handed.find((each) => each.pull === pull);
    if (handed) return this.#react(state, handed.stream, `${what}_HANDED`, handed);
    const waits = what === "CANCEL" && state.streams.find(({ pulls }) => pulls.includes(pull));
    if (waits) return this.#react(state, waits.number, "CANCEL_WAITING", { pull });
    return this.#react(state, 0, `${what}_OTHER`, { pull });
  }

  #ofPush(state, push) {
    const isIt = (each) => each.push === push;
    const waits = state.streams.find(({ pushes }) => pushes.some(isIt));
    if (waits) return this.#react(state, waits.number, "CANCEL_WAITING_PUSH", { push });
    return this.#react(state, 0, "CANCEL_OTHER_PUSH", { push });
  }
}

function newStream(number) {
  return { number, phase: "ABSENT", accepted: 0, pulls: [], queue: [], pushes: [], error: null };
}

function copyOf(state) {
  const streams = state.streams.map((each) => {
    return { ...each, pulls: [...each.pulls], queue: [...each.queue], pushes: [...each.pushes] };
  });
  return { ...state, streams, handed: [...state.handed] };
}

/* The one condition on numbers. With a limit of zero, a queue is full with nothing in it. */
function levelOf({ high_water_mark: bytes, max_queue_chunks: most }, chunks, size) {
  const full = size >= bytes || chunks >= most;
  if (chunks === 0) return full ? 3 : 0;
  return full ? 2 : 1;
}

/* What get shows of a stream. */
function viewOf(stream) {
  if (stream === undefined) return null;
  const queue = stream.queue.map(({ chunk }) => chunk);
  return {
    queue,
    queue_size: sum(queue),
    closed: /^CLOS(ED|ING)/.test(stream.phase),
    errored: stream.phase.endsWith("ERRORED"),
    pull_waiting: stream.pulls.length > 0,
    error: stream.error,
  };
}
