import {element} from "../page/element.js";

/** Shows the SQL behind a chart, to be copied and run with `flowbook query`. */
export function showSql(title: string, sql: string): void {
  const copy = element("button", {type: "button", class: "fb-button"}, "Copy");
  const close = element("button", {type: "button", class: "fb-button"}, "Close");
  const text = element("pre", {tabindex: 0, "data-testid": "sql"}, sql);
  const dialog = element(
    "dialog",
    {class: "fb-dialog", "aria-label": `SQL of ${title}`},
    element("header", {}, element("h2", {}, `SQL: ${title}`)),
    element("p", {class: "fb-note"}, "The same numbers from the lake, by flowbook query."),
    text,
    element("footer", {}, copy, close)
  );
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(sql);
      copy.textContent = "Copied";
    } catch {
      // A page opened from disk has no clipboard: the text is selected instead.
      getSelection()?.selectAllChildren(text);
      copy.textContent = "Selected";
    }
  });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
