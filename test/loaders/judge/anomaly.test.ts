import {existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {closeProfile, readProfile} from "../../../loaders/judge/anomaly-store.ts";
import {classifyNewFlows} from "../../../loaders/judge/classify.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {randomOf} from "../../../models/anomaly/random.ts";
import {pcap} from "../../capture/made-capture.ts";
import {tcp, udp} from "../../capture/meter/frames.ts";

let now = 1_800_000_000_000;
// Runs are told apart by their time.
const clock = () => (now += 1000);
const begin = Date.UTC(2026, 4, 6, 12) * 1000;
let folder: string;
let lake: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-anomaly-"));
  lake = join(folder, "lake");
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

interface Packet {
  readonly us: number;
  readonly frame: Uint8Array;
}

/** An exchange over UDP: a question of some bytes, and an answer. */
function asked(
  us: number,
  src: string,
  srcPort: number,
  dst: string,
  dstPort: number,
  bytes: number,
  answer: number
): Packet[] {
  return [
    {us, frame: udp({src, dst, srcPort, dstPort, payload: Buffer.alloc(bytes, 1)})},
    {
      us: us + 2000,
      frame: udp({src: dst, dst: src, srcPort: dstPort, dstPort: srcPort, payload: Buffer.alloc(answer, 2)})
    }
  ];
}

/** Ordinary life: 20 hosts that ask two servers, 1,200 times in ten minutes. */
function ordinary(seed: number, from: number): Packet[] {
  const random = randomOf(seed);
  return Array.from({length: 1200}, (_, n) => {
    const host = `10.0.0.${10 + Math.floor(random() * 20)}`;
    return asked(
      from + n * 5e5,
      host,
      20_000 + n,
      `10.0.0.${1 + (n % 2)}`,
      7000,
      40 + Math.floor(random() * 60),
      80 + Math.floor(random() * 400)
    );
  }).flat();
}

function capture(name: string, packets: readonly Packet[]): string {
  const path = join(folder, name);
  const made = [...packets].sort((a, b) => a.us - b.us).map(({us, frame}) => ({us, frame: Buffer.from(frame)}));
  writeFileSync(path, pcap(made));
  return path;
}

async function scored(path: string): Promise<string> {
  const {captures} = await importCaptures([path], {lake, clock});
  await classifyNewFlows(lake, {clock});
  return captures[0].row.capture_sha256;
}

async function ask(sql: string) {
  const engine = await openLake(lake, {threads: 1});
  try {
    return (await engine.query(sql)).rows;
  } finally {
    await engine.close();
  }
}

const share = (where: string) =>
  `SELECT count(*), avg(CASE WHEN v.is_anomaly THEN 1.0 ELSE 0 END) FROM verdicts v JOIN flows f USING (flow_id) WHERE ${where}`;

it("a few flows are compared with nothing", async () => {
  await scored(capture("few.pcap", ordinary(1, begin - 3600e6).slice(0, 200)));
  expect(await ask("SELECT count(*), count(anomaly_score), count(is_anomaly) FROM verdicts")).toEqual([[100n, 0n, 0n]]);
  expect(existsSync(join(lake, ".anomaly"))).toBe(false);
});

it("a first capture of some size is compared with itself, and about one in a hundred of its flows is anomalous", async () => {
  const hash = await scored(capture("past.pcap", ordinary(2, begin)));
  const profile = (await readProfile(lake))!;
  expect(profile).toMatchObject({
    isOfItself: true,
    captures: 2,
    rate: 0.01,
    baseline: null,
    partedBy: "minutes",
    lakeFlows: 1300
  });
  expect(profile.fitted + profile.calibrated).toBe(1300);
  await closeProfile(profile);
  const [[flows, anomalous]] = await ask(share(`v.capture_sha256 = '${hash}'`));
  expect(flows).toBe(1200n);
  expect(Number(anomalous)).toBeLessThan(0.02);
});

it("what comes later is compared with the past: a bulk transfer, a new service and a scanning host are seen, the rest is not", async () => {
  const later = begin + 3600e6;
  const bulk = Array.from({length: 3000}, (_, n) =>
    asked(later + 1e6 + n * 9000, "10.0.0.12", 40_000, "10.0.0.1", 7000, 1200, 20)
  ).flat();
  const scan = Array.from({length: 150}, (_, n) => ({
    us: later + 60e6 + n * 1e5,
    frame: udp({src: "10.0.0.13", dst: "10.0.0.1", srcPort: 41_000, dstPort: 100 + n, payload: Buffer.alloc(8)})
  }));
  const service = Array.from({length: 5}, (_, n) => {
    const [out, back] = [
      {src: "10.0.0.14", dst: "10.0.0.2", srcPort: 42_000 + n, dstPort: 8000},
      {src: "10.0.0.2", dst: "10.0.0.14", srcPort: 8000, dstPort: 42_000 + n}
    ];
    const at = later + 100e6 + n * 1e6;
    return [
      {us: at, frame: tcp({...out, flags: "S", seq: 1})},
      {us: at + 300, frame: tcp({...back, flags: "SA", seq: 1, ack: 2})},
      {us: at + 600, frame: tcp({...out, flags: "PA", seq: 2, ack: 2, payload: "GET / HTTP/1.1\r\nHost: new\r\n\r\n"})},
      {
        us: at + 900,
        frame: tcp({...back, flags: "PA", seq: 2, ack: 31, payload: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"})
      }
    ];
  }).flat();
  const before = (await readProfile(lake))!;
  const hash = await scored(capture("later.pcap", [...ordinary(3, later), ...bulk, ...scan, ...service]));
  const after = (await readProfile(lake))!;
  expect(after.hash).toBe(before.hash);
  await closeProfile(before);
  await closeProfile(after);
  const own = `v.capture_sha256 = '${hash}'`;
  expect(await ask(share(`${own} AND src_port = 40000`))).toEqual([[1n, 1]]);
  const [[scanFlows, scanned]] = await ask(share(`${own} AND src_port = 41000`));
  expect(scanFlows).toBe(150n);
  expect(Number(scanned)).toBeGreaterThan(0.5);
  expect(await ask(share(`${own} AND dst_port = 8000`))).toEqual([[5n, 1]]);
  const [[others, rest]] = await ask(share(`${own} AND src_port NOT IN (40000, 41000) AND dst_port = 7000`));
  expect(Number(others)).toBeGreaterThan(1190);
  expect(Number(rest)).toBeLessThan(0.03);
  // Unusual, and nothing more.
  expect(await ask(`SELECT DISTINCT state FROM verdicts v WHERE ${own} AND is_anomaly`)).toEqual([["unusual"]]);
});

it("another rate or another period makes another profile, and what was scored stays", async () => {
  const before = await ask("SELECT count(*), count(*) FILTER (is_anomaly) FROM verdicts");
  const next = capture("next.pcap", ordinary(4, begin + 7200e6));
  await importCaptures([next], {lake, clock});
  const baseline = `${new Date(begin / 1000).toISOString()}/${new Date(begin / 1000 + 600_000).toISOString()}`;
  await classifyNewFlows(lake, {clock, anomaly: {rate: 0.05, baseline}});
  const profile = (await readProfile(lake))!;
  expect(profile).toMatchObject({rate: 0.05, baseline, isOfItself: false, captures: 1});
  expect(profile.fitted + profile.calibrated).toBe(1200);
  await closeProfile(profile);
  expect(readdirSync(join(lake, ".anomaly")).sort()).toEqual([profile.hash, "current"].sort());
  const after = await ask("SELECT count(*), count(*) FILTER (is_anomaly) FROM verdicts");
  expect(Number(after[0][0])).toBe(Number(before[0][0]) + 1200);
  const newly = Number(after[0][1]) - Number(before[0][1]);
  expect(newly / 1200).toBeGreaterThan(0.02);
  expect(newly / 1200).toBeLessThan(0.09);
});
