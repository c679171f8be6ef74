import {farStretches, type Stretch} from "../../lib/captures.js";
import {captureName} from "../../lib/describe-filter.js";
import {formatCount, formatSpan, formatTime} from "../../lib/format.js";
import {element} from "./element.js";
import {menu} from "./menu.js";
import type {Notebook} from "./notebook.js";

/** Stretches that are buttons beside the chosen one, in one line; the others are lines of a menu. */
const mostButtons = {wide: 2, narrow: 0};
const narrow = matchMedia("(max-width: 640px)");

/** Where captures lie far apart in time, offers each stretch of them, and all of time. */
export function farApart(notebook: Notebook): HTMLElement {
  const node = element("div", {class: "fb-far", "data-testid": "far-apart"});
  const stretches = farStretches(notebook.captures);
  const nameOf = ({from, captures}: Stretch) => {
    const [first, ...others] = captures;
    const name = others.length === 0 ? captureName(first.sha256, notebook.captures) : `${captures.length} captures`;
    return `${formatTime(from, notebook.zone).slice(0, 10)}: ${name}`;
  };
  const flowsOf = ({flows}: Stretch) => `${formatCount(flows)} ${flows === 1 ? "flow" : "flows"}`;
  const choose = ({from, to}: Stretch) => notebook.narrow({from, to});
  const redraw = notebook.follow(node, () => {
    const {filter, zone} = notebook;
    node.hidden = stretches.length === 0 || filter.captures !== undefined;
    if (node.hidden) return;
    const isChosen = ({from, to}: Stretch) => filter.from === from && filter.to === to;
    const button = (words: string, title: string, isPressed: boolean, act: () => void) =>
      element(
        "button",
        {type: "button", class: "fb-button", "aria-pressed": String(isPressed), title, onclick: act},
        words
      );
    const most = narrow.matches ? mostButtons.narrow : mostButtons.wide;
    // The chosen one takes the last one's place: with a third button the line would be two.
    const chosenAt = stretches.findIndex(isChosen);
    const own = chosenAt >= most ? Math.max(0, most - 1) : most;
    const first = stretches.filter((stretch, k) => k < own || isChosen(stretch));
    // Those that a reader looks for by name or day: in the order of time.
    const others = stretches.filter((stretch) => !first.includes(stretch)).sort((a, b) => a.from - b.from);
    node.replaceChildren(
      "The captures are far apart in time. Shown:",
      ...first.map((stretch) =>
        button(
          nameOf(stretch),
          `${formatSpan(stretch.from, stretch.to, zone)}, ${flowsOf(stretch)}`,
          isChosen(stretch),
          () => choose(stretch)
        )
      ),
      ...(others.length === 0
        ? []
        : [
            menu(
              {
                label: "Other times",
                words: `${formatCount(others.length)} ${first.length > 0 ? "more" : "times"}`,
                testId: "more-times",
                buttonClass: "fb-button"
              },
              () =>
                others.map((stretch) => ({
                  words: `${nameOf(stretch)}, ${flowsOf(stretch)}`,
                  run: () => choose(stretch)
                }))
            )
          ]),
      button("All of time", "", filter.from === undefined && filter.to === undefined, () => notebook.allOfTime())
    );
  });
  narrow.addEventListener("change", redraw);
  return node;
}
