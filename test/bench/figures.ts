import {readFileSync} from "node:fs";
import type {Locator, Page} from "playwright-core";
import {toCsv} from "../../src/lib/csv.ts";
import {formatCount, formatShort} from "../../src/lib/format.ts";
import type {Answer} from "../../src/lib/question.ts";

export interface Compared {
  /** Charts, tables and figures whose rows were compared. */
  readonly compared: number;
  readonly wrong: readonly string[];
}

/** Sums of shares of a window are added up in another order: they may differ in their last digits. */
const tolerance = 1e-9;

/**
 * Compares what a page shows with the SQL that it shows: the rows of each chart with those of the statement behind its
 * menu, the headline's numbers, and how many flows or records are listed. `ask` runs a statement over the lake.
 */
export async function compareFigures(page: Page, ask: (sql: string) => Promise<Answer>): Promise<Compared> {
  const wrong: string[] = [];
  let compared = 0;
  for (const chart of await page.locator("main .fb-chart").all()) {
    const id = (await chart.getAttribute("data-testid"))?.replace(/^chart-/, "") ?? "";
    const button = chart.getByTestId(`menu-${id}`);
    if (!(await button.isVisible())) continue;
    try {
      const shown = await rowsOf(page, chart, button);
      if (!shown) continue;
      compared++;
      const difference = firstDifference(parsed(shown.csv), parsed(toCsv(await ask(shown.sql))));
      if (difference) wrong.push(`${id}: ${difference}`);
    } catch (error) {
      wrong.push(`${id}: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  const lists = await countsOf(page, ask);
  const headline = await headlineOf(page, ask);
  return {
    compared: compared + lists.compared + headline.compared,
    wrong: [...wrong, ...lists.wrong, ...headline.wrong]
  };
}

/** A chart's numbers as CSV and its statement, as its menu gives them; null where it shows none of the lake, or nothing. */
async function rowsOf(page: Page, chart: Locator, button: Locator): Promise<{csv: string; sql: string} | null> {
  await button.click();
  const entry = (name: string) => chart.locator(`[role=menuitem][data-value="${name}"]`);
  if ((await entry("sql").count()) === 0 || (await entry("csv").isDisabled())) {
    await page.keyboard.press("Escape");
    return null;
  }
  const awaited = page.waitForEvent("download");
  await entry("csv").click();
  const csv = readFileSync((await (await awaited).path()) as string, "utf8");
  await button.click();
  await entry("sql").click();
  const sql = await shownSql(page);
  // Conformance shows captures of others, and how to ask the same of the lake.
  return sql.startsWith("-- The same of this notebook's flows") ? null : {csv, sql};
}

/** The statement of the dialog that is open, which is closed. */
async function shownSql(page: Page): Promise<string> {
  const dialog = page.locator("dialog[open]");
  const sql = (await dialog.getByTestId("sql").textContent()) ?? "";
  await dialog.getByRole("button", {name: "Close"}).click();
  return sql;
}

/** Lists say how many rows there are in all; their statements give them. */
async function countsOf(page: Page, ask: (sql: string) => Promise<Answer>): Promise<Compared> {
  const wrong: string[] = [];
  let compared = 0;
  for (const table of await page.getByTestId("records").all()) {
    if (!(await table.isVisible())) continue;
    const said = (await table.getByTestId("records-count").textContent()) ?? "";
    await table.getByRole("button", {name: "SQL"}).click();
    const {rows} = await ask(`SELECT count(*) FROM (${await shownSql(page)})`);
    compared++;
    const counted = rows[0][0] === 0 ? "none" : ` of ${formatCount(Number(rows[0][0]))}`;
    if (!said.endsWith(counted)) wrong.push(`records: ${said}, in place of${counted}`);
  }
  return {compared, wrong};
}

/** Packets, flows and hosts of the headline, as their two statements count them. */
async function headlineOf(page: Page, ask: (sql: string) => Promise<Answer>): Promise<Compared> {
  const button = page.getByTestId("headline-sql");
  if ((await button.count()) === 0 || !(await button.isVisible())) return {compared: 0, wrong: []};
  await button.click();
  const statements = (await shownSql(page)).split(/;\s*/).filter((sql) => sql.trim() !== "");
  const [sums, hosts] = await Promise.all(statements.map(ask));
  const of = (name: string) => Number(sums.rows[0][sums.columns.indexOf(name)]);
  const short = (value: number) => (value < 100_000 ? formatCount(value) : formatShort(value));
  const wanted = {
    packets: `${formatCount(of("packets"))} in flows`,
    suspicious: `${formatCount(of("suspicious"))} of ${formatCount(of("flows"))}`,
    "anomaly-rate": `${formatCount(of("anomalous"))} of ${formatCount(of("anomaly_scored"))} scored`,
    flows: short(of("flows")),
    hosts: short(Number(hosts.rows[0][0]))
  };
  const wrong: string[] = [];
  for (const [name, words] of Object.entries(wanted)) {
    const said = (await page.getByTestId(`figure-${name}`).textContent()) ?? "";
    if (!said.includes(words)) wrong.push(`headline ${name}: “${said}” has no “${words}”`);
  }
  return {compared: Object.keys(wanted).length, wrong};
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
