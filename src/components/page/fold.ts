import {element} from "./element.js";

const narrow = matchMedia("(max-width: 640px)");

/** What stands open where there is room for it; in a narrow window a reader opens it by its summary. */
export function foldedWhereNarrow(summary: HTMLElement, ...content: readonly HTMLElement[]): HTMLDetailsElement {
  const node = element("details", {class: "fb-fold", open: !narrow.matches}, summary, ...content);
  const follow = () => {
    if (node.isConnected) node.open = !narrow.matches;
    else narrow.removeEventListener("change", follow);
  };
  narrow.addEventListener("change", follow);
  return node;
}
