import {element} from "../page/element.js";

/** Shows the SQL behind a chart, to be copied and run with `flowbook query`. */
export function showSql(title: string, sql: string): void {
  showText(`SQL: ${title}`, "Run this with flowbook query to get the same numbers.", sql, "sql");
}

/** Shows the address of a chart, to be copied. */
export function showLink(title: string, link: string): void {
  showText(`Link: ${title}`, "Opens this page with its filter, at this chart.", link, "link");
}

function showText(heading: string, note: string, content: string, kind: string): void {
  const copy = element("button", {type: "button", class: "fb-button"}, "Copy");
  const close = element("button", {type: "button", class: "fb-button"}, "Close");
  const text = element("pre", {tabindex: 0, "data-testid": kind}, content);
  const dialog = element(
    "dialog",
    {class: "fb-dialog", "aria-label": heading},
    element("header", {}, element("h2", {}, heading)),
    element("p", {class: "fb-note"}, note),
    text,
    element("footer", {}, copy, close)
  );
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(content);
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
