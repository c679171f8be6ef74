/** What Plot and Inputs draw without the names that assistive technology needs, and what is said of it. */
const parts: readonly (readonly [selector: string, mend: (node: Element) => void])[] = [
  // A group may have a name only where it has a role.
  ["svg g[aria-label]:not([role])", (node) => node.setAttribute("role", "group")],
  [
    "form input[type=range]:not([aria-label])",
    (node) => node.setAttribute("aria-label", node.closest("form")?.querySelector("label")?.textContent || "Value")
  ],
  ["thead input[type=checkbox]:not([aria-label])", (node) => node.setAttribute("aria-label", "All rows")],
  [
    "tbody :is(input[type=checkbox], input[type=radio]):not([aria-label])",
    (node) => node.setAttribute("aria-label", `Row ${(node.closest("tr") as HTMLTableRowElement).sectionRowIndex + 1}`)
  ],
  // A table that is scrolled is scrolled by keyboard, too.
  ["form[style*=max-height]:not([tabindex])", (node) => node.setAttribute("tabindex", "0")]
];

/** Gives the drawings and inputs of libraries on this page their names, now and whenever others are drawn. */
export function nameParts(): void {
  const main = document.querySelector("main") as HTMLElement;
  const mend = () => {
    for (const [selector, name] of parts) for (const node of main.querySelectorAll(selector)) name(node);
  };
  mend();
  new MutationObserver(mend).observe(main, {subtree: true, childList: true});
}
