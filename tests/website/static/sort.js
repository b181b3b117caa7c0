/** A click on the heading of a column sorts a table of many rows by it; a second one, the other way. */
"use strict";

const FEWEST = 8;

function sortBy(table, column, ascending) {
  const body = table.tBodies[0];
  const text = (row) => row.cells[column].textContent.trim();
  const order = (one, other) => text(one).localeCompare(text(other), "en", { numeric: true });
  body.append(...[...body.rows].sort((one, other) => (ascending ? 1 : -1) * order(one, other)));
}

function makeSortable(table) {
  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.className = "sort";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const ascending = heading.ariaSort !== "ascending";
      for (const each of headings) each.ariaSort = null;
      heading.ariaSort = ascending ? "ascending" : "descending";
      sortBy(table, column, ascending);
    });
  });
}

document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("table.docutils")) {
    const heads = table.tHead?.textContent.trim();
    if (heads && table.tBodies[0].rows.length >= FEWEST) makeSortable(table);
  }
});
