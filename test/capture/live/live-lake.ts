import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll} from "vitest";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {describeUnless} from "../../needs.ts";
import {type Cable, flowbookIn, layCable, noNamespaces} from "./network.ts";

/** Lakes and captures of the test file. */
export const folder = mkdtempSync(join(tmpdir(), "flowbook-live-"));

/** What the tests of {@link describeLive} send over. */
export let cable: Cable;

let made = 0;

/** A lake of its own, which is not there yet. */
export const newLake = () => join(folder, `lake${made++}`);

/** Tests with a cable of their own, where namespaces can be made. `tag` keeps apart what several test files make. */
export function describeLive(tag: string, name: string, body: () => void): void {
  describeUnless(noNamespaces())(name, () => {
    beforeAll(() => {
      cable = layCable(tag);
    });
    afterAll(() => {
      cable?.remove();
      rmSync(folder, {recursive: true, force: true});
    });
    body();
  });
}

/** Starts a capture of the test's UDP packets and waits until it captures. */
export async function capture(lake: string, ...more: string[]) {
  const args = ["capture", "-i", cable.interface, "--lake", lake, "--no-score", "--json", ...more];
  const running = flowbookIn(cable.receiver, ...args);
  await running.says(more.includes("--events") ? '"kind":"started"' : "capturing on");
  return running;
}

/** Rows of a query; whole numbers as numbers. */
export async function ask(lake: string, sql: string): Promise<unknown[][]> {
  const engine = await openLake(lake, {threads: 1});
  try {
    return (await engine.query(sql)).rows.map((row) =>
      row.map((value) => (typeof value === "bigint" ? Number(value) : value))
    );
  } finally {
    await engine.close();
  }
}
