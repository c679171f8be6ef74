import {askRows} from "../../lib/ask.js";
import {formatCount} from "../../lib/format.js";
import type {LakeTable} from "../../lib/lake-schema.js";
import {saveFile} from "../charts/save-file.js";
import {ask} from "../page/ask-dialog.js";
import {element} from "../page/element.js";
import {isServed} from "../page/server-link.js";
import {type QueryResult, queryResult} from "./query-result.js";
import {schemaBrowser} from "./schema-browser.js";
import {sqlEditor} from "./sql-editor.js";

const keptKey = "flowbook sql";

const first = `SELECT coalesce(service, 'unknown') AS service, count(*) AS flows, sum(src_wire_bytes + dst_wire_bytes) AS bytes
FROM flows
GROUP BY 1
ORDER BY bytes DESC`;

/** Asks the lake in SQL: an editor beside the tables, the answer as chart and table, to save, or to keep as a page. */
export function sqlPage(tables: readonly LakeTable[]): HTMLElement {
  if (!isServed())
    return element(
      "div",
      {},
      element(
        "p",
        {class: "fb-note", "data-testid": "sql-needs-server"},
        "A static site contains only the results it was built with. To run any SQL, use flowbook start. The tables are listed below."
      ),
      schemaBrowser(tables)
    );
  let running: AbortController | null = null;
  let result: QueryResult | null = null;
  const editor = sqlEditor(localStorage.getItem(keptKey) ?? first, tables, () => void run());
  const said = element("p", {class: "fb-note", role: "status", "data-testid": "query-said"});
  const output = element("div", {});
  const runButton = element("button", {type: "button", class: "fb-button", onclick: () => void run()}, "Run");
  const cancel = element(
    "button",
    {type: "button", class: "fb-button", disabled: true, onclick: () => running?.abort()},
    "Cancel"
  );
  const formats = ["csv", "json", "parquet", "arrow"] as const;
  const save = element(
    "select",
    {"aria-label": "Save the answer as", onchange: () => void saveAs()},
    element("option", {value: ""}, "Save as …"),
    ...formats.map((format) => element("option", {value: format}, format))
  );
  const keep = element("button", {type: "button", class: "fb-button", onclick: keepAsPage}, "Keep as page");

  async function run(): Promise<void> {
    running?.abort();
    const own = (running = new AbortController());
    const sql = editor.text();
    localStorage.setItem(keptKey, sql);
    cancel.disabled = false;
    say("Running …");
    const began = performance.now();
    try {
      const answer = await askRows({sql}, own.signal);
      if (running !== own) return;
      result = queryResult(answer);
      output.replaceChildren(result.node);
      say(
        `${formatCount(answer.rows.length)} ${answer.rows.length === 1 ? "row" : "rows"} in ${Math.round(performance.now() - began)} ms.`
      );
    } catch (error) {
      if (running !== own) return;
      if (own.signal.aborted) return say("Cancelled.");
      say("");
      output.replaceChildren(
        element(
          "pre",
          {class: "observablehq--error", role: "alert", "data-testid": "query-error"},
          (error as Error).message
        )
      );
    } finally {
      if (running === own) {
        running = null;
        cancel.disabled = true;
      }
    }
  }

  async function saveAs(): Promise<void> {
    const format = save.value;
    save.value = "";
    if (!format) return;
    const response = await post("/api/query", {sql: editor.text(), format});
    if (response.ok) saveFile(`answer.${format}`, await response.blob());
    else say((await response.json()).error);
  }

  function keepAsPage(): void {
    const fields = [
      {name: "title", label: "Title", kind: "text", required: true},
      {name: "name", label: "Name: small letters, digits and hyphens", kind: "text", required: true}
    ] as const;
    const lead = "Saves the query as a page of your own, with its chart and table, which you can edit further.";
    ask("Keep as page", lead, fields, "Keep", async ({title, name}) => {
      const page = {name, title, sql: editor.text(), ...(result ? {chart: result.chart()} : {})};
      const response = await post("/api/pages", page);
      const answer = await response.json();
      if (!response.ok) return answer.error;
      said.replaceChildren("Kept: ", element("a", {href: `.${answer.path}.html`, "data-testid": "kept-page"}, title));
      return null;
    });
  }

  const say = (words: string) => {
    said.textContent = words;
  };
  return element(
    "div",
    {class: "fb-sql"},
    schemaBrowser(tables, (name) => editor.insert(name)),
    element(
      "div",
      {class: "fb-card"},
      editor.node,
      element(
        "div",
        {class: "fb-buttons"},
        runButton,
        cancel,
        save,
        keep,
        element("small", {class: "fb-note"}, "Ctrl-Enter runs.")
      ),
      said,
      output
    )
  );
}

function post(path: string, body: object): Promise<Response> {
  return fetch(path, {method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify(body)});
}
