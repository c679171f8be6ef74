import {formatCount} from "../../lib/format.js";
import {visibleText} from "../../lib/visible-text.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";

/** Files of the lake that are damaged or missing, so that nobody takes what is left for everything. */
export function damagedFiles(notebook: Notebook): HTMLElement {
  const node = element("div", {"data-testid": "damage"});
  notebook.follow(node, () => {
    const damage = notebook.facts.damage ?? [];
    if (damage.length === 0) return node.replaceChildren();
    const files = damage.length === 1 ? "1 file of the lake is" : `${formatCount(damage.length)} files of the lake are`;
    node.replaceChildren(
      element(
        "p",
        {class: "fb-said", "data-tone": "bad"},
        `${files} damaged or missing, and their rows are left out of every page. `,
        element("code", {}, "flowbook doctor --repair"),
        " imports again what it can."
      ),
      element(
        "ul",
        {},
        ...damage.map(({file, problem, captures}) =>
          element(
            "li",
            {},
            element("code", {}, visibleText(file)),
            ` ${visibleText(problem)}${captures.length > 0 ? `; it had rows of ${captures.map(visibleText).join(", ")}` : ""}`
          )
        )
      )
    );
  });
  return node;
}
