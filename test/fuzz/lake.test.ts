import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {bringIntoLake} from "../bench/flood-lake.ts";
import {kinds} from "./kinds/index.ts";
import type {Frame} from "./kinds/kind.ts";
import {MadeSource} from "./made-source.ts";
import {Random} from "./random.ts";
import {validFrames} from "./valid-frames.ts";

const seed = Number(process.env.FLOWBOOK_SEED ?? 1);
const packets = 20_000;

const folder = mkdtempSync(join(tmpdir(), "flowbook-fuzz-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

async function ask(lake: string, sql: string): Promise<number[]> {
  const engine = await openLake(lake, {threads: 1});
  try {
    return (await engine.query(sql)).rows[0].map(Number);
  } finally {
    await engine.close();
  }
}

describe(`rows of fuzzed packets of seed ${seed} (FLOWBOOK_SEED sets another)`, () => {
  let valid: readonly Frame[];
  beforeAll(async () => {
    valid = await validFrames(new Random(seed));
  });

  for (const [n, kind] of kinds.entries())
    it(`are written and read again, none lost: ${kind.name}`, async () => {
      const lake = join(folder, String(n));
      const source = new MadeSource(kind, new Random(seed), valid, packets);
      const counters = await bringIntoLake(source, lake, 1 << 14);
      expect(counters.packets).toBeGreaterThanOrEqual(packets);
      const [flows, ids, inFlows] = await ask(
        lake,
        "SELECT count(*), count(DISTINCT flow_id), CAST(sum(src_pkts + dst_pkts) AS BIGINT) FROM flows"
      );
      const unread = Object.values(counters.unread).reduce((a, b) => a + b, 0);
      expect([flows, ids]).toEqual([counters.flows, counters.flows]);
      expect(inFlows + counters.nonIpPackets + counters.malformed + unread).toBe(counters.packets);
      expect(await ask(lake, "SELECT count(*) FROM flows JOIN features USING (flow_id)")).toEqual([counters.flows]);
      // Every record is of a flow.
      for (const table of ["dns", "http", "tls", "ssh", "ftp", "smb"])
        expect(await ask(lake, `SELECT count(*) FROM ${table} ANTI JOIN flows USING (flow_id)`)).toEqual([0]);
    });
});
