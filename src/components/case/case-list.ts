import {type CaseEntry, caseMarkdown, caseText, parseCase} from "../../lib/case.js";
import {formatTime} from "../../lib/format.js";
import {visibleText} from "../../lib/visible-text.js";
import {saveFile} from "../charts/save-file.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {isServed} from "../page/server-link.js";
import {carriedEntries, caseEntries, keepCase, onCase} from "./case-store.js";

/**
 * Everything that was pinned, with notes between, to be ordered, remarked on, saved, loaded and printed. `isShort`: not there
 * where nothing was pinned.
 */
export function caseList(notebook: Notebook, isShort = false): HTMLElement {
  const list = element("ol", {class: "fb-case", "data-testid": "case"});
  const status = element("output", {class: "fb-note"});
  const change = (entries: readonly CaseEntry[]) => {
    try {
      keepCase(entries);
      status.textContent = "";
    } catch {
      status.textContent = "This browser has no room for more.";
    }
  };
  const note = element("textarea", {
    rows: 2,
    maxlength: 4000,
    "aria-label": "A note for the case",
    placeholder: "Write a note",
    "data-testid": "case-note"
  });
  const button = (words: string, act: () => void) =>
    element("button", {type: "button", class: "fb-button", onclick: act}, words);
  const add = button("Add note", () => {
    if (note.value.trim() === "") return;
    change([...caseEntries(), {kind: "note", text: note.value.trim(), atMs: Date.now()}]);
    note.value = "";
  });
  const file = element("input", {
    type: "file",
    accept: ".json,application/json",
    hidden: true,
    "aria-label": "A case to load"
  });
  file.addEventListener("change", async () => {
    const [chosen] = file.files ?? [];
    file.value = "";
    if (!chosen) return;
    try {
      change([...caseEntries(), ...parseCase(await chosen.text())]);
    } catch (error) {
      status.textContent = `${visibleText(chosen.name)} was not loaded: ${visibleText(String((error as Error).message))}`;
    }
  });
  const empty = element(
    "p",
    {class: "fb-empty"},
    "Nothing is pinned yet. Pin flows and incidents where they are shown, and charts by their menu; write notes here."
  );
  const saved = element(
    "div",
    {class: "fb-buttons"},
    button("Save as JSON", () =>
      saveFile("case.json", new Blob([caseText(caseEntries())], {type: "application/json"}))
    ),
    button("Save as Markdown", () =>
      saveFile("case.md", new Blob([caseMarkdown(caseEntries(), document.baseURI)], {type: "text/markdown"}))
    ),
    isServed() && element("a", {class: "fb-button", href: "./share.html"}, "Make a report of it"),
    button("Load", () => file.click()),
    button("Empty", () => confirm("Remove everything from the case?") && change([]))
  );
  const draw = () => {
    const entries = caseEntries();
    node.hidden = isShort && entries.length === 0;
    empty.hidden = entries.length > 0;
    list.replaceChildren(...entries.map((entry, i) => entryOf(notebook, entry, i, entries, change)));
  };
  const node = element(
    "section",
    {class: "fb-card", "aria-label": "Case"},
    element("h2", {}, "Case"),
    element(
      "p",
      {class: "fb-note"},
      "What you pinned, in the order of the report. It is kept in this browser alone; save it to hand it on."
    ),
    empty,
    list,
    element("div", {class: "fb-case-note"}, note, add),
    saved,
    file,
    status
  );
  onCase(draw);
  draw();
  return node;
}

const kindWords = {flow: "Flow", incident: "Incident", chart: "Chart", note: "Note"} as const;

function entryOf(
  notebook: Notebook,
  entry: CaseEntry,
  at: number,
  entries: readonly CaseEntry[],
  change: (entries: readonly CaseEntry[]) => void
): HTMLElement {
  const {kind, text, href, atMs, remark = "", table, picture} = entry;
  const without = entries.filter((_, i) => i !== at);
  const tool = (sign: string, words: string, act: () => void, disabled = false) =>
    element(
      "button",
      {
        type: "button",
        class: "fb-icon-button",
        "aria-label": `${words}: ${visibleText(text).slice(0, 80)}`,
        disabled,
        onclick: act
      },
      sign
    );
  const said = element("textarea", {
    rows: 1,
    maxlength: 4000,
    placeholder: "What it shows",
    "aria-label": `Remark on ${visibleText(text).slice(0, 80)}`
  });
  said.value = kind === "note" ? text : remark;
  said.addEventListener("change", () =>
    change(
      entries.map((each, i) =>
        i !== at ? each : kind === "note" ? {...each, text: said.value} : {...each, remark: said.value}
      )
    )
  );
  return element(
    "li",
    {"data-kind": kind},
    element(
      "header",
      {},
      element("span", {class: "fb-find-kind"}, kindWords[kind]),
      href === undefined
        ? element("span", {class: "fb-case-text"})
        : element("a", {class: "fb-case-text", href}, visibleText(text)),
      element("span", {class: "fb-find-note"}, formatTime(atMs * 1000, notebook.zone, 0)),
      tool("↑", "Move up", () => change([...without.slice(0, at - 1), entry, ...without.slice(at - 1)]), at === 0),
      tool("×", "Remove", () => change(without))
    ),
    said,
    picture && pictureOf(text, picture),
    table && tableOf(text, table)
  );
}

/** A chart as it was pinned. As an image its file runs no script and asks for nothing. */
function pictureOf(text: string, picture: string): HTMLElement {
  const src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture)}`;
  return element("img", {class: "fb-case-picture", src, alt: `${visibleText(text)}, as it was pinned`});
}

function tableOf(text: string, {columns, rows}: NonNullable<CaseEntry["table"]>): HTMLElement {
  return element(
    "div",
    {
      class: "fb-table-scroll",
      tabindex: 0,
      role: "region",
      "aria-label": `${visibleText(text)}: numbers when it was pinned`
    },
    element(
      "table",
      {class: "fb-table"},
      element(
        "thead",
        {},
        element("tr", {}, ...columns.map((name) => element("th", {scope: "col"}, visibleText(name))))
      ),
      element(
        "tbody",
        {},
        ...rows.map((row) =>
          element("tr", {}, ...row.map((cell) => element("td", {}, cell === null ? "–" : visibleText(String(cell)))))
        )
      )
    )
  );
}

/** The case that a report carries, in its author's order, to be read; nothing where it carries none. */
export function carriedCase(notebook: Notebook): HTMLElement {
  const entries = carriedEntries();
  return element(
    "section",
    {
      class: "fb-card",
      "aria-label": "Case of this report",
      "data-testid": "carried-case",
      hidden: entries.length === 0
    },
    element("h2", {}, "Case"),
    element(
      "ol",
      {class: "fb-case"},
      ...entries.map(({kind, text, href, atMs, remark, table, picture}) =>
        element(
          "li",
          {"data-kind": kind},
          kind === "note"
            ? element("p", {class: "fb-case-words"}, visibleLines(text))
            : element(
                "header",
                {},
                element("span", {class: "fb-find-kind"}, kindWords[kind]),
                href === undefined
                  ? element("span", {class: "fb-case-text"}, visibleText(text))
                  : element("a", {class: "fb-case-text", href}, visibleText(text)),
                element("span", {class: "fb-find-note"}, `pinned ${formatTime(atMs * 1000, notebook.zone, 0)}`)
              ),
          remark && element("p", {class: "fb-case-words"}, visibleLines(remark)),
          picture && pictureOf(text, picture),
          table && tableOf(text, table)
        )
      )
    )
  );
}

const visibleLines = (text: string) => text.split("\n").map(visibleText).join("\n");
