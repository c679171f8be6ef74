import type {Page} from "playwright-core";
import {cellText} from "../../src/components/records/record-cell.ts";
import {toCsv} from "../../src/lib/csv.ts";
import {formatBytes, formatCount, formatShort} from "../../src/lib/format.ts";
import type {Answer} from "../../src/lib/question.ts";
import type {CellKind} from "../../src/lib/records/record-source.ts";

/** Runs a statement over the lake. */
export type Ask = (sql: string) => Promise<Answer>;

export interface Compared {
  /** Charts whose rows were compared, lists whose rows were counted, and single figures. */
  readonly charts: number;
  readonly lists: number;
  readonly figures: number;
  readonly wrong: readonly string[];
}

/** Sums of shares of a window are added up in another order: they may differ in their last digits. */
const tolerance = 1e-9;

/** What a page shows, and the statements that it says are behind it. */
interface Shown {
  readonly charts: readonly {
    readonly id: string;
    /** Null where the chart has no numbers to give. */
    readonly csv: string | null;
    readonly sql: string;
  }[];
  /** Names of lists, how many rows each says it has, and the statement of all of them. */
  readonly lists: readonly {readonly name: string; readonly said: string; readonly sql: string}[];
  /** Cards of figures: their texts by name, and one statement or several. */
  readonly figures: readonly {
    readonly name: string;
    readonly cells: readonly {readonly name: string; readonly kind: string; readonly said: string}[];
    readonly sql: string;
  }[];
}

/**
 * Compares what a page shows with the SQL that it shows: the rows of each chart with those of the statement behind its
 * menu, figures with the row of theirs, and how many flows or records are listed. `ask` runs a statement over the lake.
 */
export async function compareFigures(page: Page, ask: Ask): Promise<Compared> {
  const {charts, lists, figures} = await page.evaluate(shownByPage);
  const wrong: string[] = [];
  const check = async (name: string, differs: () => Promise<string | null>) => {
    const difference = await differs().catch((error: Error) => error.message.split("\n")[0]);
    if (difference) wrong.push(`${name}: ${difference}`);
  };
  // Conformance shows captures of others, and how to ask the same of the lake.
  const own = charts.filter(({sql}) => !sql.startsWith("-- The same of this notebook's flows"));
  for (const {id, csv, sql} of own)
    await check(id, async () =>
      csv === null ? "it has no numbers" : firstDifference(parsed(csv), parsed(toCsv(await ask(sql))))
    );
  for (const {name, said, sql} of lists)
    await check(name, async () => {
      const {rows} = await ask(`SELECT count(*) FROM (${sql})`);
      const counted = Number(rows[0][0]);
      const words = counted === 0 ? "none" : formatCount(counted);
      return said.split(" of ").at(-1) === words ? null : `“${said}”, in place of ${words}`;
    });
  let cells = 0;
  for (const {name, cells: said, sql} of figures) {
    cells += said.length;
    await check(name, () => (name === "headline" ? headlineDiffers(said, sql, ask) : figuresDiffer(said, sql, ask)));
  }
  return {charts: own.length, lists: lists.length, figures: cells, wrong};
}

/**
 * In the page: what its charts' menus, its lists and its figures give. Menus are opened and pressed one after the other, and files that
 * they save are kept here: no download is waited for.
 */
async function shownByPage(): Promise<Shown> {
  const saved: Blob[] = [];
  const {createObjectURL} = URL;
  const press = HTMLAnchorElement.prototype.click;
  URL.createObjectURL = (content) => {
    saved.push(content as Blob);
    return "about:blank";
  };
  HTMLAnchorElement.prototype.click = function () {
    if (!this.download) press.call(this);
  };
  const isSeen = (node: Element | null): node is HTMLElement =>
    node instanceof HTMLElement && node.checkVisibility({visibilityProperty: true});
  const statement = (button: HTMLElement) => {
    button.click();
    const dialog = document.querySelector<HTMLDialogElement>("dialog[open]");
    const sql = dialog?.querySelector('[data-testid="sql"]')?.textContent ?? "";
    dialog?.close();
    return sql;
  };
  const textOf = (node: ParentNode, of: string) => node.querySelector(of)?.textContent ?? "";
  const buttonOf = (node: ParentNode, of: string) => node.querySelector<HTMLElement>(of);
  try {
    const charts: Shown["charts"][number][] = [];
    for (const chart of document.querySelectorAll<HTMLElement>("main .fb-chart")) {
      const id = chart.dataset.testid?.replace(/^chart-/, "") ?? "";
      const button = buttonOf(chart, `[data-testid="menu-${id}"]`);
      if (!isSeen(button)) continue;
      const entry = (value: string) => {
        if (button.getAttribute("aria-expanded") !== "true") button.click();
        return buttonOf(chart, `[role=menuitem][data-value="${value}"]`) as HTMLButtonElement | null;
      };
      const sql = entry("sql");
      if (sql) {
        const shown = statement(sql);
        entry("csv")?.click();
        const csv = await saved.pop()?.text();
        charts.push({id, csv: csv ?? null, sql: shown});
      }
      if (button.getAttribute("aria-expanded") === "true") button.click();
    }
    const lists: Shown["lists"][number][] = [];
    for (const list of document.querySelectorAll<HTMLElement>('main [data-testid="records"]')) {
      const button = buttonOf(list, '[data-testid="records-sql"]');
      if (isSeen(button))
        lists.push({
          name: "records",
          said: textOf(list, '[data-testid="records-count"]'),
          sql: statement(button)
        });
    }
    const flows = buttonOf(document, 'main [data-testid="flows-sql"]');
    const flowCount = buttonOf(document, '[data-testid="filter-count"]');
    if (isSeen(flows) && isSeen(flowCount))
      lists.push({
        name: "flows",
        said: /[\d,]+/.exec(flowCount.textContent ?? "")?.[0] ?? "none",
        sql: statement(flows)
      });
    const figures: Shown["figures"][number][] = [];
    for (const card of document.querySelectorAll<HTMLElement>("main .fb-headline")) {
      const button = buttonOf(card, '[data-testid="headline-sql"]');
      if (!isSeen(button)) continue;
      figures.push({
        name: card.dataset.testid ?? "",
        cells: [...card.querySelectorAll<HTMLElement>(".fb-figure")].map((figure) => ({
          name: figure.dataset.name ?? "",
          kind: figure.dataset.kind ?? "",
          said: [...figure.querySelectorAll("dd")].map((node) => node.textContent).join(" · ")
        })),
        sql: statement(button)
      });
    }
    return {charts, lists, figures};
  } finally {
    URL.createObjectURL = createObjectURL;
    HTMLAnchorElement.prototype.click = press;
  }
}

type Figures = Shown["figures"][number]["cells"];

/** Figures of records are the one row of their statement. */
async function figuresDiffer(figures: Figures, sql: string, ask: Ask): Promise<string | null> {
  const {columns, rows} = await ask(sql);
  for (const {name, kind, said} of figures) {
    const wanted = cellText(kind as CellKind, rows[0][columns.indexOf(name)], "utc");
    if (said.split(" · ")[0] !== wanted) return `${name} “${said}”, in place of ${wanted}`;
  }
  return null;
}

/** Figures of the headline, as its three statements count them. */
async function headlineDiffers(figures: Figures, sql: string, ask: Ask): Promise<string | null> {
  const answers = [];
  for (const statement of sql.split(/;\s*/)) if (statement.trim() !== "") answers.push(await ask(statement));
  const [sums, hosts, incidents] = answers;
  const of = (name: string) => Number(sums.rows[0][sums.columns.indexOf(name)]);
  const short = (value: number) => (value < 100_000 ? formatCount(value) : formatShort(value));
  const wanted: Record<string, string> = {
    incidents: `${formatCount(Number(incidents.rows[0][0]))} · `,
    suspicious: `${formatCount(of("suspicious"))} of ${formatCount(of("flows"))}`,
    packets: `${formatCount(of("packets"))} in flows`,
    bytes: `${formatBytes(of("bytes"))} · ${formatBytes(of("src_bytes"))} out, ${formatBytes(of("dst_bytes"))} back`,
    flows: `${short(of("flows"))} · `,
    hosts: `${short(Number(hosts.rows[0][0]))} · `,
    "anomaly-rate":
      of("anomaly_scored") === 0
        ? "no flow is scored"
        : `${formatCount(of("anomalous"))} of ${formatCount(of("anomaly_scored"))} scored`
  };
  for (const {name, said} of figures)
    if (!said.includes(wanted[name])) return `${name} “${said}” has no “${wanted[name]}”`;
  return null;
}

/** Lines of an answer's CSV, in fields. */
function parsed(csv: string): string[][] {
  const [header, ...lines] = csv.split("\r\n").filter((line) => line !== "");
  const fields = (line: string) => [...line.matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g)].map(([, field]) => field);
  return [fields(header), ...lines.map(fields)];
}

/** What differs first; null where all is the same. Rows of equal order may stand in either. */
function firstDifference([names, ...shown]: string[][], [columns, ...counted]: string[][]): string | null {
  if (names.join() !== columns.join()) return `columns ${names.join()}, in place of ${columns.join()}`;
  if (shown.length !== counted.length) return `${shown.length} rows, in place of ${counted.length}`;
  const isSame = (a: string[], b: string[]) => a.every((field, at) => isEqual(field, b[at]));
  const sorted = (lines: string[][]) => [...lines].sort((a, b) => (a.join() < b.join() ? -1 : 1));
  if (shown.every((line, at) => isSame(line, counted[at]))) return null;
  const [left, right] = [sorted(shown), sorted(counted)];
  const at = left.findIndex((line, k) => !isSame(line, right[k]));
  return at < 0 ? null : `${left[at].join()}, in place of ${right[at].join()}`;
}

function isEqual(a: string, b: string): boolean {
  if (a === b) return true;
  if (a === "" || b === "") return false;
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) <= tolerance * Math.max(Math.abs(x), Math.abs(y));
}
