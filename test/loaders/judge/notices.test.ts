import {mkdtempSync, readdirSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {rowsToBatch} from "../../../capture/partitions/rows-to-batch.ts";
import {openLakeWriter} from "../../../capture/partitions/writer.ts";
import {listNotices} from "../../../loaders/judge/notice-list.ts";
import {detectNotices} from "../../../loaders/judge/notices.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {flow, ping, probe, rows} from "../../../models/rules/fixtures/rows/flow-rows.ts";
import type {CaptureRow} from "../../../schema/captures.ts";
import type {FlowRow} from "../../../schema/flows.ts";
import {table} from "../../../schema/tables.ts";

const localNets = ["10.0.0.0/8", "192.168.0.0/16"];
let folder: string;
let now = 1_790_000_000_000;
const clock = () => (now += 1000);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-notices-"));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

/** Seals the flows as parts of one import, one part for each list; the captures' rows are in each. */
async function seal(lake: string, ...parts: FlowRow[][]): Promise<void> {
  const writer = openLakeWriter(lake, clock());
  for (const flows of parts) {
    writer.write(rowsToBatch(table("flows"), flows));
    const captures = [...new Set(flows.map((row) => row.capture_sha256))];
    await writer.seal(captures.map((sha256) => captureRow(sha256, flows)));
  }
  await writer.close();
}

function captureRow(capture_sha256: string, flows: readonly FlowRow[]): CaptureRow {
  const own = flows.filter((row) => row.capture_sha256 === capture_sha256);
  const text = {path: `${capture_sha256[0]}.pcap`, format: "pcap", unread: "{}", meter: "{}"};
  const times = {first_ts: own[0].ts_start, last_ts: own[own.length - 1].ts_end, imported_at: 0};
  const counts = Object.fromEntries(
    table("captures")
      .columns.filter(({type}) => type === "BIGINT")
      .map(({name}) => [name, name === "flows" ? BigInt(own.length) : 0n])
  );
  return {...counts, ...text, ...times, capture_sha256, problem: null} as unknown as CaptureRow;
}

async function found(lake: string): Promise<string[]> {
  const engine = await openLake(lake);
  const notices = await listNotices(engine);
  await engine.close();
  return notices.map(({capture, rule, flows}) => `${capture} ${rule} ${flows}`).sort();
}

const of = (letter: string) => letter.repeat(64);
const scan = (capture: string, ports: number, first = 1) =>
  rows(ports, (i) => probe({at: (first + i) * 0.1, toPort: first + i, capture}));
const quiet = (capture: string) => rows(20, (i) => flow({at: i * i, service: "tls", capture}));

describe("notices of a lake", () => {
  it("are raised once for each capture, and again only by force", async () => {
    const lake = join(folder, "once");
    await seal(lake, [...scan(of("a"), 40), ...quiet(of("b"))]);
    expect(await detectNotices({lake, clock, localNets})).toEqual({captures: 2, notices: 1});
    expect(await found(lake)).toEqual(["a.pcap port_scan 40"]);
    expect(await detectNotices({lake, clock, localNets})).toEqual({captures: 0, notices: 0});
    expect(await detectNotices({lake, clock, localNets, force: true})).toEqual({captures: 2, notices: 1});
    expect(await found(lake)).toEqual(["a.pcap port_scan 40"]);
  });

  it("are raised for new captures alone after another import", async () => {
    const lake = join(folder, "more");
    await seal(lake, scan(of("a"), 40));
    await detectNotices({lake, clock, localNets});
    await seal(
      lake,
      rows(20, (i) => ping({at: i * 0.1, to: `10.0.1.${i + 1}`, capture: of("b")}))
    );
    expect(await detectNotices({lake, clock, localNets})).toEqual({captures: 1, notices: 1});
    expect(await found(lake)).toEqual(["a.pcap port_scan 40", "b.pcap icmp_sweep 20"]);
  });

  it("of an incident that two parts of a capture share are one", async () => {
    const lake = join(folder, "parts");
    await seal(lake, [...scan(of("a"), 8), ...scan(of("b"), 30)], [...scan(of("a"), 8, 9), ...quiet(of("c"))]);
    expect(await detectNotices({lake, clock, localNets})).toEqual({captures: 3, notices: 2});
    expect(await found(lake)).toEqual(["a.pcap port_scan 16", "b.pcap port_scan 30"]);
    expect(readdirSync(join(lake, "notices")).length).toBe(2);
    expect(await detectNotices({lake, clock, localNets})).toEqual({captures: 0, notices: 0});
  });

  it("follow a capture that was imported again", async () => {
    const lake = join(folder, "again");
    await seal(lake, scan(of("a"), 40));
    await detectNotices({lake, clock, localNets});
    await seal(lake, scan(of("a"), 25));
    expect(await detectNotices({lake, clock, localNets})).toEqual({captures: 1, notices: 1});
    expect(await found(lake)).toEqual(["a.pcap port_scan 25"]);
  });

  it("keep the id that they were first told by when an incident grows", async () => {
    const lake = join(folder, "growing");
    const writer = openLakeWriter(lake, clock());
    const ids: string[] = [];
    for (const to of ["10.0.0.8", "10.0.0.9"]) {
      const flows = scan(of("a"), 20).map((row) => ({...row, dst_ip: to}));
      writer.write(rowsToBatch(table("flows"), flows));
      await writer.seal([captureRow(of("a"), flows)]);
      await detectNotices({lake, clock, localNets});
      const engine = await openLake(lake);
      const [{notice_id, dst_ip}, ...more] = await listNotices(engine);
      await engine.close();
      expect([dst_ip, more]).toEqual([to === "10.0.0.8" ? to : null, []]);
      ids.push(notice_id);
    }
    await writer.close();
    expect(ids[1]).toBe(ids[0]);
  });

  it("are judged anew when the local networks change", async () => {
    const lake = join(folder, "nets");
    const upload = flow({
      at: 0,
      lasts: 60,
      from: "10.0.0.5",
      to: "172.20.0.9",
      sent: 90_000_000,
      received: 10_000,
      capture: of("a")
    });
    await seal(lake, [upload]);
    expect(await detectNotices({lake, clock, localNets})).toEqual({captures: 1, notices: 1});
    const wider = [...localNets, "172.16.0.0/12"];
    expect(await detectNotices({lake, clock, localNets: wider})).toEqual({captures: 1, notices: 0});
    expect(await found(lake)).toEqual([]);
  });

  it("have an id that stays, times, and reasons with their limits", async () => {
    const lake = join(folder, "row");
    await seal(lake, scan(of("a"), 40));
    await detectNotices({lake, clock, localNets});
    const engine = await openLake(lake);
    const [notice] = await listNotices(engine);
    expect(await listNotices(engine, {severity: "high"})).toEqual([]);
    expect((await listNotices(engine, {rule: "port_scan", severity: "medium"})).length).toBe(1);
    await engine.close();
    expect(notice).toMatchObject({
      capture_sha256: of("a"),
      rule: "port_scan",
      attack_technique: "T1046",
      severity: "medium",
      src_ip: "10.0.0.5",
      dst_ip: "192.0.2.10",
      dst_port: null,
      flows: 40,
      ts_start: 1_763_726_400_100_000,
      ts_end: 1_763_726_404_001_000,
      summary: "10.0.0.5 probed 40 TCP ports of 192.0.2.10 in 3.9 s, SYN."
    });
    expect(notice.notice_id).toMatch(/^[0-9a-f]{16}$/);
    expect(notice.reasons[0]).toEqual({
      text: "different ports probed: 40 ports (limit: at least 10)",
      figure: "different ports probed",
      value: 40,
      limit: 10,
      unit: "ports"
    });
  });

  it("of a folder without captures are none", async () => {
    expect(await detectNotices({lake: join(folder, "none"), clock, localNets})).toEqual({captures: 0, notices: 0});
  });
});
