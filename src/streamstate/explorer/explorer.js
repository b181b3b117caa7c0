"use strict";

/* The page: what is asked of it, and what it shows then. */

const byId = (id) => document.getElementById(id);

const data = JSON.parse(byId("data").textContent);
const machine = new Machine(data);
const reader = new Reader(data);

const UNDONE = [];
const PAST = [];
let { deviation, ...asked } = reader.address("");
let found = [];

/* Every op that can be pressed, as it stands with what is chosen on the page. */
const OPS = {
  "on-all": { create: () => ["create"], clear: () => ["clear"] },
  "on-stream": {
    push: () => ["push", numberIn("stream"), base64Of(byId("chunk").value)],
    pull: () => ["pull", numberIn("stream")],
    close: () => ["close", numberIn("stream")],
    error: () => ["error", numberIn("stream"), byId("message").value.toWellFormed()],
    delete: () => ["delete", numberIn("stream")],
    get: () => ["get", numberIn("stream")],
    is_queue_full: () => ["is_queue_full", numberIn("stream")],
  },
  "on-pull": {
    seen: () => ["seen", numberIn("pull")],
    cancel_pull: () => ["cancel_pull", numberIn("pull")],
  },
  "on-push": { cancel_push: () => ["cancel_push", numberIn("push")] },
};

const numberIn = (id) => Number(byId(id).value);

function base64Of(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

const started = ({ dialects, limits }) =>
  dialects.map((name) => {
    const state = machine.initial(reader.dialect(name), limits);
    return { name, turns: [{ steps: [], returned: null, told: [], looked: [], state }] };
  });

/* Where nobody looks at once, what is done together is done in turn. */
const turnsOf = ({ program, looksAtOnce }) =>
  looksAtOnce
    ? program
    : program.flatMap((turn) => (turn[0] === "together" ? turn.slice(1) : [turn]));

function runsOf(asked) {
  const runs = started(asked);
  for (const { turns } of runs) {
    for (const turn of turnsOf(asked)) turns.push(machine.turn(turns.at(-1).state, turn, asked));
  }
  return runs;
}

/* Show something else; what was shown before can be had back. */
function ask(change, { forget = false } = {}) {
  if (!forget) {
    PAST.push({ asked, deviation });
    UNDONE.length = 0;
  }
  if (change.program !== undefined && !("deviation" in change)) deviation = null;
  if ("deviation" in change) deviation = change.deviation;
  const { deviation: _, ...rest } = change;
  asked = { ...asked, ...rest };
  byId("problem").textContent = "";
  show();
}

function goBack(from, to) {
  if (from.length === 0) return;
  to.push({ asked, deviation });
  ({ asked, deviation } = from.pop());
  show();
}

/* Do what may be refused, and say why. */
function trying(act) {
  try {
    act();
  } catch (error) {
    byId("problem").textContent = error.message;
  }
}

function press(op) {
  const turns = turnsOf(asked).slice(0, asked.at);
  ask({ program: [...turns, op], at: turns.length + 1 });
  const { nextStream, nextPull } = runsOf(asked)[0].turns.at(-1).state;
  if (op[0] === "create") byId("stream").value = nextStream - 1;
  if (op[0] === "pull") byId("pull").value = nextPull - 1;
  showOps(runsOf(asked));
}

function show() {
  const turns = turnsOf(asked);
  asked.at = Math.max(0, Math.min(Number.isNaN(asked.at) ? Infinity : asked.at, turns.length));
  const runs = runsOf(asked);
  const words = ["Before the first op", ...turnsInWords(turns).map((w, i) => `${i + 1}. ${w}`)];
  showNow(runs, words, turns);
  showSteps(runs, words, turns);
  showOps(runs);
  showSettings();
  history.replaceState(null, "", reader.addressOf(asked, deviation));
}

function showNow(runs, words, turns) {
  const op = turns[asked.at - 1];
  const groups = groupsOf(runs, asked.at);
  byId("now-title").textContent = words[asked.at];
  byId("outcomes").replaceChildren(...groups.map((group) => outcome(machine, group, op)));
  const deviates = deviation !== null && asked.at === deviation.at + 1;
  byId("deviation-now").replaceChildren(...(deviates ? [contrast(deviation, groups[0].turn)] : []));
  byId("previous").disabled = asked.at === 0;
  byId("next").disabled = asked.at === turns.length;
  const also = deviates ? [`Deviates: ${deviation.explanation}`] : [];
  const brief = groups.flatMap((group) => stepInWords(group, op, groups.length > 1));
  const whole = groups.flatMap((group) => [
    ...stepInWords(group, op, groups.length > 1),
    ...stateInWords(group.turn.state),
  ]);
  byId("brief").firstChild.textContent = sentences([words[asked.at], ...brief]);
  byId("said").textContent = sentences([words[asked.at], ...also, ...whole]);
}

/* The elements stay, so that what has the focus keeps it. */
function showSteps(runs, words, turns) {
  const steps = byId("steps");
  while (steps.children.length > turns.length) steps.lastChild.remove();
  while (steps.children.length < turns.length) {
    const at = steps.children.length + 1;
    const button = element("button", { type: "button" });
    button.addEventListener("click", () => ask({ at }, { forget: true }));
    steps.append(element("li", {}, button));
  }
  [...steps.children].forEach((item, index) => {
    const at = index + 1;
    const groups = groupsOf(runs, at);
    const answers = new Set(groups.map(({ turn }) => answerInWords(answerOf(turn), turns[index])));
    const rules = new Set(groups.flatMap(({ turn }) => rulesOf(turn)));
    const button = item.firstChild;
    button.replaceChildren(
      element("span", { className: "op" }, words[at].replace(/^\d+\. /, "")),
      element("span", { className: "answer" }, [...answers].join(" / ")),
      element("span", { className: "ids" }, idsInShort([...rules])),
      ...(partsAt(runs, at) ? [element("span", { className: "parts" }, "dialects part")] : []),
      ...(deviation?.at === index ? [element("span", { className: "bad" }, "deviates")] : []),
    );
    item.classList.toggle("undone", at > asked.at);
    if (at === asked.at) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
  });
  byId("no-steps").hidden = turns.length > 0;
  byId("undo").disabled = PAST.length === 0;
  byId("redo").disabled = UNDONE.length === 0;
  byId("restart").disabled = turns.length === 0;
  const text = JSON.stringify(asked.program);
  if (document.activeElement !== byId("text")) byId("text").value = text;
  byId("command").textContent = commandOf(asked);
}

function showOps(runs) {
  const states = runs.map(({ turns }) => turns[asked.at].state);
  const streams = Math.max(...states.map(({ nextStream }) => nextStream));
  const pulls = Math.max(...states.map(({ nextPull }) => nextPull));
  showNumbers("stream", streams, "not created");
  showNumbers("pull", pulls, "not called");
  const pushes = Math.max(...states.map(({ nextPush }) => nextPush));
  showNumbers("push", pushes, "not waiting yet");
  byId("of-push").hidden = pushes === 1;
  for (const [row, ops] of Object.entries(OPS)) {
    for (const [name, op] of Object.entries(ops)) {
      const rules = new Set(states.map((state) => machine.step(state, op()).rule));
      const ids = element("span", { className: "ids" }, idsInShort([...rules]));
      byId(`${row}-${name}`).replaceChildren(element("span", {}, opInWords(op())), " ", ids);
    }
  }
}

function showNumbers(id, most, none) {
  const select = byId(id);
  const chosen = Number(select.value) || 1;
  const numbers = Array.from({ length: most }, (_, index) => index + 1);
  const options = numbers.map((number) => {
    return new Option(number < most ? number : `${number}, ${none}`, number);
  });
  select.replaceChildren(...options);
  select.value = Math.min(chosen, most);
}

function showSettings() {
  const names = [...new Set([...Object.keys(data.named), ...asked.dialects])];
  const group = byId("dialects");
  const known = [...group.querySelectorAll("input")].map(({ value }) => value);
  for (const name of names.filter((each) => !known.includes(each))) {
    const box = element("input", { type: "checkbox", value: name });
    box.addEventListener("change", () => chooseDialects(box));
    group.append(element("label", { className: "chip" }, box, name));
  }
  for (const box of group.querySelectorAll("input")) {
    box.checked = asked.dialects.includes(box.value);
  }
  byId("bytes").value = asked.limits.high_water_mark;
  byId("chunks").value = asked.limits.max_queue_chunks;
  byId("looks").checked = asked.looksAtOnce;
}

function chooseDialects(box) {
  const boxes = [...byId("dialects").querySelectorAll("input:checked")];
  if (boxes.length === 0) box.checked = true; // one there has to be
  else ask({ dialects: boxes.map(({ value }) => value) });
}

function openReport(file) {
  if (!file) return;
  file.text().then((text) =>
    trying(() => {
      found = reader.report(text);
      const options = found.map(({ rule, explanation }, index) => {
        return new Option(`${index + 1}. ${rule}: ${explanation}`.slice(0, 100), index);
      });
      byId("deviations").replaceChildren(...options);
      byId("deviations-label").hidden = false;
      ask(replayOf(found[0]));
    }),
  );
}

function showExample(rule) {
  if (!rule) return;
  const { program, dialect, limits, at } = data.rules[rule];
  ask({ program, limits, dialects: [dialect], looksAtOnce: false, at: at + 1 });
}

function begin() {
  byId("version").textContent = data.version;
  for (const [row, ops] of Object.entries(OPS)) {
    for (const [name, op] of Object.entries(ops)) {
      const button = element("button", { type: "button", id: `${row}-${name}`, className: "do" });
      button.addEventListener("click", () => press(op()));
      byId(row).append(button);
    }
  }
  byId("policies").append(
    ...Object.entries(data.policies).map(([field, values]) => {
      const options = values.map((value) => new Option(value));
      return element("label", {}, `${field} `, element("select", { name: field }, ...options));
    }),
  );
  byId("example").append(new Option("choose …", ""), ...Object.keys(data.rules).map((id) => new Option(id)));
  listen();
  const fragment = location.hash.slice(1);
  show();
  trying(() => ask(reader.address(fragment), { forget: true }));
}

function listen() {
  const on = (id, kind, act) => byId(id).addEventListener(kind, () => trying(act));
  on("previous", "click", () => ask({ at: asked.at - 1 }, { forget: true }));
  on("next", "click", () => ask({ at: asked.at + 1 }, { forget: true }));
  on("brief", "click", () => byId("now-title").scrollIntoView());
  on("undo", "click", () => goBack(PAST, UNDONE));
  on("redo", "click", () => goBack(UNDONE, PAST));
  on("restart", "click", () => ask({ program: [], at: 0 }));
  on("read", "click", () => ask({ program: reader.program(byId("text").value), at: Infinity }));
  on("looks", "change", () => ask({ looksAtOnce: byId("looks").checked, at: Infinity }));
  for (const id of ["bytes", "chunks"]) {
    on(id, "change", () => {
      const limits = { high_water_mark: numberIn("bytes"), max_queue_chunks: numberIn("chunks") };
      ask({ limits: reader.limits(limits) });
    });
  }
  on("add", "click", () => {
    const chosen = [...byId("policies").querySelectorAll("select")];
    const name = reader.nameOf(Object.fromEntries(chosen.map(({ name, value }) => [name, value])));
    ask({ dialects: [...new Set([...asked.dialects, name])] });
  });
  on("example", "change", () => showExample(byId("example").value));
  on("deviations", "change", () => ask(replayOf(found[byId("deviations").value])));
  on("report", "change", () => openReport(byId("report").files[0]));
  for (const id of ["stream", "chunk", "message", "pull"]) {
    on(id, "input", () => showOps(runsOf(asked)));
  }
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    openReport(event.dataTransfer.files[0]);
  });
  addEventListener("hashchange", () => trying(() => ask(reader.address(location.hash.slice(1)))));
}

begin();
