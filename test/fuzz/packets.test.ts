import {spawn} from "node:child_process";
import {resolve} from "node:path";
import {beforeAll, describe, expect, it} from "vitest";
import type {FuzzCounts} from "./fuzz.ts";
import {kinds} from "./kinds/index.ts";

const seed = Number(process.env.FLOWBOOK_SEED ?? 1);
const packets = 500_000;
/** Bytes that the JavaScript heap may have, and the process with the core, the compiler and all packets' frames. */
const mostHeapMb = 256;
const mostProcessMb = 700;

type Report = FuzzCounts & {readonly kind: string};

/** A process of its own: its memory can be bounded and read, and a batch without end does not take the tests along. */
async function run(): Promise<{
  reports: Report[];
  peakMb: number;
  cpuSeconds: number;
  code: number | null;
  said: string;
}> {
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${mostHeapMb}`, "bin/run.js", "test/fuzz/run.ts", String(packets), String(seed)],
    {cwd: resolve(import.meta.dirname, "../.."), stdio: ["ignore", "pipe", "pipe"]}
  );
  let lines = "";
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (lines += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (said += chunk));
  const code = await new Promise<number | null>((done) => child.on("close", done));
  const told = lines
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const {peakMb, cpuSeconds} = told.find((line) => "peakMb" in line) ?? {peakMb: Number.NaN, cpuSeconds: Number.NaN};
  return {reports: told.filter((line) => "kind" in line), peakMb, cpuSeconds, code, said};
}

describe(`fuzzed packets of seed ${seed} (FLOWBOOK_SEED sets another)`, () => {
  let result: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    result = await run();
  }, 600_000);

  it("are metered and dissected without a throw, a trap or a batch without end, and each is counted once", () => {
    const {code, said, reports, cpuSeconds, peakMb} = result;
    const all = reports.reduce((sum, report) => sum + report.packets, 0);
    console.info(
      `fuzzed ${all} packets of seed ${seed}: ${cpuSeconds.toFixed(1)} s of the processor, ${peakMb.toFixed(0)} MB`
    );
    expect({code, said}).toEqual({code: 0, said: ""});
    expect(all).toBeGreaterThanOrEqual(packets);
  });

  it("leave memory bounded", () => {
    expect(result.peakMb).toBeLessThan(mostProcessMb);
    expect(Math.max(...result.reports.map(({mostHeldBytes}) => mostHeldBytes))).toBeLessThanOrEqual(2 ** 20);
  });

  for (const {name, share} of kinds)
    it(`are ${name}`, () => {
      const report = result.reports.find(({kind}) => kind === name)!;
      expect(report.packets).toBeGreaterThanOrEqual(packets * share);
      // What is always refused at the first header tries little.
      expect(report.flows).toBeGreaterThan(report.packets / 100);
      expect(report.packets - report.malformed - report.nonIp - report.unread).toBeGreaterThan(report.packets / 10);
    });

  it("meet the bounds of the flow table, of fragments and of what dissection reads", () => {
    const total = (name: "evicted" | "fragmentsForgotten" | "records" | "givenUp") =>
      result.reports.reduce((sum, report) => sum + report[name], 0);
    for (const name of ["evicted", "fragmentsForgotten", "records"] as const) expect(total(name)).toBeGreaterThan(1000);
    expect(total("givenUp")).toBeGreaterThan(10);
  });
});
