import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, describe, expect, it} from "vitest";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {floodLake} from "./flood-lake.ts";

const lake = mkdtempSync(join(tmpdir(), "flowbook-flood-"));
afterAll(() => rmSync(lake, {recursive: true, force: true}));

async function ask(sql: string): Promise<unknown[][]> {
  const engine = await openLake(lake, {threads: 1});
  try {
    return (await engine.query(sql)).rows.map((row) => row.map((v) => (typeof v === "bigint" ? Number(v) : v)));
  } finally {
    await engine.close();
  }
}

describe("a SYN flood of 200,000 tuples through a table of 16,384 flows", () => {
  it("loses no packet: each is a flow of the lake, and the evictions are counted", async () => {
    const packets = 200_000;
    const maxFlows = 16_384;
    const counters = await floodLake({lake, packets, packetsPerSecond: 100_000, maxFlows});
    const {flows, evictedFlows, nonIpPackets, malformed, contextStartsDropped} = counters;
    const counted = {packets: counters.packets, flows, evictedFlows, nonIpPackets, malformed};
    expect(counted).toEqual({packets, flows: packets, evictedFlows: packets - maxFlows, nonIpPackets: 0, malformed: 0});
    expect(contextStartsDropped).toBeGreaterThan(0);
    expect(
      await ask(`SELECT end_reason, conn_state, history, count(*), CAST(sum(src_pkts) AS BIGINT), CAST(sum(dst_pkts) AS BIGINT),
        count(DISTINCT (src_ip, src_port)) FROM flows GROUP BY ALL ORDER BY 1`)
    ).toEqual([
      ["end", "S0", "S", maxFlows, maxFlows, 0, maxFlows],
      ["evicted", "S0", "S", packets - maxFlows, packets - maxFlows, 0, packets - maxFlows]
    ]);
    expect(await ask("SELECT count(*), count(DISTINCT flow_id) FROM features")).toEqual([[packets, packets]]);
    expect(await ask("SELECT packets, flows, evicted_flows FROM captures")).toEqual([
      [packets, packets, packets - maxFlows]
    ]);
  });

  it("of which attempts that nobody answers within five seconds make room by themselves", async () => {
    const slow = mkdtempSync(join(tmpdir(), "flowbook-flood-"));
    // 2,000 a second: 10,000 wait at a time.
    const counters = await floodLake({lake: slow, packets: 50_000, packetsPerSecond: 2000, maxFlows: 16_384});
    rmSync(slow, {recursive: true, force: true});
    expect([counters.flows, counters.evictedFlows]).toEqual([50_000, 0]);
  });
});
