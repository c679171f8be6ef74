import {type Blockable, nftablesText} from "../../lib/nftables.js";
import {saveFile} from "../charts/save-file.js";
import {element} from "../page/element.js";

/** Shows text for nftables that would stop an incident's traffic; nothing is applied. */
export function showFirewallText(notice: Blockable): void {
  const rules = nftablesText(notice);
  const text = element(
    "pre",
    {tabindex: 0, "data-testid": "nftables"},
    rules ?? "The incident has no source or target address, so no rule can be written."
  );
  const copy = element("button", {type: "button", class: "fb-button", disabled: rules === null}, "Copy");
  const save = element("button", {type: "button", class: "fb-button", disabled: rules === null}, "Save");
  const close = element("button", {type: "button", class: "fb-button"}, "Close");
  const dialog = element(
    "dialog",
    {class: "fb-dialog", "aria-label": "Firewall text"},
    element("header", {}, element("h2", {}, "Firewall text for nftables")),
    element(
      "p",
      {class: "fb-note"},
      "A suggested rule set for you to review and apply. flowbook never changes a firewall."
    ),
    text,
    element("footer", {}, copy, save, close)
  );
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(rules ?? "");
      copy.textContent = "Copied";
    } catch {
      // A page opened from disk has no clipboard: the text is selected instead.
      getSelection()?.selectAllChildren(text);
      copy.textContent = "Selected";
    }
  });
  save.addEventListener("click", () => saveFile(`${notice.id}.nft`, new Blob([rules ?? ""], {type: "text/plain"})));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
