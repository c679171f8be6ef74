import {askRows, askServer, type Rows} from "../../lib/ask.js";
import {caseText} from "../../lib/case.js";
import {formatCount} from "../../lib/format.js";
import type {LakeTable} from "../../lib/lake-schema.js";
import {kindCountSql, packetFlowsSql, sharedKinds, tableCountsSql} from "../../lib/sharing.js";
import {visibleText} from "../../lib/visible-text.js";
import {caseEntries} from "../case/case-store.js";
import {saveFile} from "../charts/save-file.js";
import {element} from "../page/element.js";
import {foldedWhereNarrow} from "../page/fold.js";
import {isServed} from "../page/server-link.js";

/** What leaves with a report and what becomes of it if it is redacted, and the report itself as a file. */
export function sharePage(tables: readonly LakeTable[]): HTMLElement {
  if (!isServed())
    return element(
      "p",
      {class: "fb-note", "data-testid": "share-static"},
      "This is a copy that was handed on already. A notebook's own server (flowbook start) says here what a report of it would hold, and makes one."
    );
  return element("div", {class: "fb-share", "data-testid": "share"}, making(), whatLeaves(tables), ofTables(tables));
}

/** A part that is filled when its answer has come, or says why it has not. */
function asked(title: string, ask: () => Promise<HTMLElement>): HTMLElement {
  const waiting = element("p", {class: "fb-note"}, "Counting …");
  ask().then(
    (node) => waiting.replaceWith(node),
    (error) => (waiting.textContent = visibleText(String(error?.message ?? error)))
  );
  return element("section", {class: "fb-card", "aria-label": title}, element("h2", {}, title), waiting);
}

function whatLeaves(tables: readonly LakeTable[]): HTMLElement {
  const ofKinds = sharedKinds.map(({title, becomes}) => [title, "…", becomes]);
  const table = tableOf(
    ["", "Different ones in the lake", "Redacted they become"],
    [
      ...ofKinds,
      ["Flows with packets, in a single file", "…", "none"],
      ["Times", "all", "earlier by a whole number of weeks"],
      ["Ids of flows, incidents and captures", "all", "hashed with the key"]
    ],
    "share-kinds"
  );
  const problem = element("p", {class: "fb-problem", role: "alert"});
  const cells = [...table.querySelectorAll("tbody tr")].map((row) => row.children[1]);
  const count = async () => {
    // One after the other: what has few texts is told at once, and other pages are not kept waiting.
    for (const [at, {kind}] of sharedKinds.entries()) cells[at].textContent = await countOf(kindCountSql(tables, kind));
    cells[sharedKinds.length].textContent = await countOf(packetFlowsSql);
  };
  count()
    .catch((error) => (problem.textContent = visibleText(String(error?.message ?? error))))
    .finally(() => table.removeAttribute("aria-busy"));
  table.setAttribute("aria-busy", "true");
  return element(
    "section",
    {class: "fb-card", "aria-label": "What leaves"},
    element("h2", {}, "What leaves"),
    table,
    problem
  );
}

async function countOf(sql: string | null): Promise<string> {
  const [row] = sql === null ? [] : (await askRows({sql})).rows;
  return formatCount(Number(row ? Object.values(row)[0] : 0));
}

function ofTables(tables: readonly LakeTable[]): HTMLElement {
  return asked("Tables", async () => {
    const {rows}: Rows = await askRows({sql: tableCountsSql(tables)});
    const titles = new Map(
      sharedKinds.map(({kind, title}) => [kind, title.replace(/^[A-Z](?![A-Z])/, (letter) => letter.toLowerCase())])
    );
    const table = tableOf(
      ["Table", "Rows", "Holds"],
      rows.map(({name, held}) => {
        const {columns = []} = tables.find((table) => table.name === name) ?? {};
        const holds = columns.flatMap(({name, kind}) => {
          const title = kind === undefined ? undefined : titles.get(kind);
          return title === undefined ? [] : `${name} (${title})`;
        });
        return [String(name), formatCount(Number(held)), holds.join(", ")];
      }),
      "share-tables"
    );
    return foldedWhereNarrow(element("summary", {}, `${formatCount(rows.length)} tables`), table);
  });
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[], id: string): HTMLElement {
  return element(
    "div",
    {class: "fb-table-scroll", tabindex: 0, role: "region", "aria-label": "Table"},
    element(
      "table",
      {class: "fb-table", "data-testid": id},
      element("thead", {}, element("tr", {}, ...head.map((name) => element("th", {scope: "col"}, name)))),
      element(
        "tbody",
        {},
        ...rows.map((row) =>
          element("tr", {}, ...row.map((cell, k) => element("td", {"data-label": head[k]}, visibleText(cell))))
        )
      )
    )
  );
}

/** Buttons that have the server make the report, with the commands that make the same. */
function making(): HTMLElement {
  const status = element("output", {class: "fb-note", "data-testid": "share-status"});
  const pinned = caseEntries();
  const withCase = element("input", {type: "checkbox", checked: pinned.length > 0, disabled: pinned.length === 0});
  const buttons: HTMLButtonElement[] = [];
  const button = (words: string, redact: boolean) => {
    const made = element("button", {type: "button", class: "fb-button", "data-redact": String(redact)}, words);
    made.addEventListener("click", async () => {
      for (const each of buttons) each.disabled = true;
      status.textContent = "Making the report …";
      try {
        const text = withCase.checked ? caseText(caseEntries()) : undefined;
        const response = await askServer("/api/report", {redact, ...(text && {case: text})});
        const file = await response.blob();
        saveFile(redact ? "report-redacted.html" : "report.html", file);
        status.textContent = `Saved, ${formatCount(file.size)} bytes. It says above everything else what was redacted or sampled.`;
      } catch (error) {
        status.textContent = `Nothing was saved: ${visibleText(String((error as Error).message))}`;
      } finally {
        for (const each of buttons) each.disabled = false;
      }
    });
    buttons.push(made);
    return made;
  };
  return element(
    "section",
    {class: "fb-card", "aria-label": "Hand it on"},
    element("h2", {}, "Hand it on"),
    element(
      "p",
      {class: "fb-note"},
      "The page Report as one file that opens from disk and asks nobody anything. Redacted, its bytes are searched for the lake's own addresses, names and users before it is saved; if one is found, nothing is."
    ),
    element(
      "div",
      {class: "fb-buttons"},
      button("Save as single file", false),
      button("Save redacted", true),
      element("label", {}, withCase, ` with the case (${formatCount(pinned.length)} entries)`)
    ),
    status,
    element(
      "pre",
      {tabindex: 0, role: "region", "aria-label": "The same by commands"},
      "flowbook build --single-file --redact -o report.html    # --case case.json, --redact-policy redact.toml\nflowbook build --redact -o dist                         # a site for any file server\nflowbook export packets --redact -w packets.pcapng      # packets without payloads\nflowbook bundle --redact -o case-7                      # evidence that can be checked"
    )
  );
}
