"use strict";

/* On the page of the search: the sections that a question is about, above the pages that Sphinx
   finds. Needs what Sphinx has on that page, `stopwords` and `Stemmer`. */

const asked = new URLSearchParams(location.search).get("q") ?? "";
const MOST = 6;

/* What other stream systems call it, and what it is called here. */
const HERE = {
  abort: "error", absent: "unknown", backpressure: "full", concurrent: "second", dequeue: "pull",
  enqueue: "push", eof: "end", fail: "error", length: "chunk", missing: "unknown", put: "push",
  read: "pull", receive: "pull", send: "push", simultaneous: "second", write: "push", zero: "empty",
};

function stemsOf(text) {
  const stemmer = new Stemmer();
  const both = `${text} ${text.replace(/([a-z])([A-Z])/g, "$1_$2")}`; // isQueueFull, is_Queue_Full
  const asked = both.toLowerCase().match(/[a-z0-9_]+/g) ?? [];
  const words = asked.flatMap((word) => [word, ...word.split("_")]);
  const here = words.filter((word) => Object.hasOwn(HERE, word)).map((word) => HERE[word]);
  return new Set(
    [...words, ...here]
      .filter((word) => word !== "" && !stopwords.has(word))
      .map((word) => stemmer.stemWord(word)),
  );
}

/* The rarer a word the more it counts, and more so in what a rule says, and most in a title. */
const WEIGHTS = [1, 2.8, 3];

function ranked({ sections, places }) {
  const scores = new Map();
  for (const stem of stemsOf(asked)) {
    const found = Object.hasOwn(places, stem) ? places[stem] : [];
    const weight = Math.log(1 + (2 * sections.length) / (1 + found.length));
    const best = new Map(found.map((place) => [Math.floor(place / 3), WEIGHTS[place % 3]]));
    for (const [number, times] of best) {
      scores.set(number, (scores.get(number) ?? 0) + times * weight);
    }
  }
  return [...scores].sort(([a, x], [b, y]) => y - x || a - b).slice(0, MOST);
}

function showSections(index) {
  const list = document.createElement("ul");
  list.className = "search";
  for (const [number] of ranked(index)) {
    const [address, title, page] = index.sections[number];
    const link = document.createElement("a");
    link.href = address;
    link.textContent = title;
    const item = document.createElement("li");
    item.append(link, title === page ? "" : ` (${page})`);
    list.append(item);
  }
  if (list.children.length === 0) return;
  const heading = document.createElement("h2");
  heading.textContent = "Sections";
  const box = document.createElement("div");
  box.id = "sections";
  box.append(heading, list);
  document.getElementById("search-results").before(box);
}

addEventListener("DOMContentLoaded", () => {
  if (asked === "" || document.getElementById("search-results") === null) return;
  const script = document.createElement("script");
  script.src = "_static/sections-index.js";
  document.head.append(script);
});
