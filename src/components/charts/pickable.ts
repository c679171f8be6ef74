import type {Filter} from "../../lib/filter.js";
import type {Notebook} from "../page/notebook.js";
import {hideTooltip, showTooltip, type TooltipRow} from "./tooltip.js";

/** A pointer that rests on something for so long may be about to pick it. */
const restMs = 60;

/** Gives a drawn group exact values on hover and focus, and, with a filter, a click (or Enter) that narrows the page to it, or does what it is told. */
export function pickable(
  node: SVGElement,
  name: string,
  rows: readonly TooltipRow[],
  filter: Filter | (() => void) | null,
  notebook: Notebook
): void {
  const hint = filter
    ? [...rows, {name: typeof filter === "function" ? "click to look" : "click to filter", value: ""}]
    : rows;
  node.addEventListener("pointermove", (event) => showTooltip(event, name, hint));
  node.addEventListener("pointerleave", hideTooltip);
  const values = rows.map((row) => `${row.name} ${row.value}`).join(", ");
  if (!filter) {
    node.setAttribute("role", "img");
    node.setAttribute("aria-label", `${name}: ${values}`);
    return;
  }
  // What is written in it names it; a box too small for words is named in full.
  if (node.querySelector("text")) node.setAttribute("aria-description", values);
  else node.setAttribute("aria-label", `${name}: ${values}`);
  node.classList.add("fb-pickable");
  node.setAttribute("role", "button");
  node.setAttribute("tabindex", "0");
  const pick = () => {
    hideTooltip();
    if (typeof filter === "function") filter();
    else notebook.narrow(filter);
  };
  node.addEventListener("click", pick);
  if (typeof filter !== "function") {
    let resting: ReturnType<typeof setTimeout> | undefined;
    node.addEventListener("pointerenter", () => {
      resting = setTimeout(() => notebook.ahead(filter), restMs);
    });
    node.addEventListener("pointerleave", () => clearTimeout(resting));
  }
  node.addEventListener("focus", () => {
    const {left, bottom} = node.getBoundingClientRect();
    if (node.matches(":focus-visible")) showTooltip({clientX: left + 20, clientY: bottom - 10}, name, hint);
  });
  node.addEventListener("blur", hideTooltip);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    pick();
  });
}
