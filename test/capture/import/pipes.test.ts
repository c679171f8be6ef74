import {execFileSync, spawn} from "node:child_process";
import {mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {PassThrough} from "node:stream";
import {gzipSync} from "node:zlib";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {type ImportOptions, importCaptures} from "../../../capture/import/import.ts";
import {readFlowPackets} from "../../../capture/packets/flow-packets.ts";
import {capturesOf} from "../../../capture/partitions/known.ts";
import {sealedParts} from "../../../capture/partitions/layout.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {describeUnless, onWindows} from "../../needs.ts";
import {ethernetUdp, pcap} from "../made-capture.ts";

const bin = resolve(import.meta.dirname, "../../../bin/flowbook.js");
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-pipes-"));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

let lakes = 0;
const newLake = () => join(folder, `lake-${lakes++}`);

/** Packets of so many flows, with or without the header before them. */
const packets = (from: number, count: number, header = true) =>
  pcap(
    Array.from({length: count}, (_, i) => ({
      us: (from + i) * 1000,
      frame: ethernetUdp("10.0.0.1", 1000 + from + i, "10.0.0.9", 53, Buffer.from("x"))
    }))
  ).subarray(header ? 0 : 24);

const run = (lake: string, stdin: PassThrough, options: Partial<ImportOptions> = {}) =>
  importCaptures(["-"], {lake, stdin, clock: Date.now, sealEveryMs: 200, ...options});

async function count(lake: string, table = "flows"): Promise<number> {
  const engine = await openLake(lake, {threads: 1});
  try {
    return Number((await engine.query(`SELECT count(*) FROM ${table}`)).rows[0][0]);
  } finally {
    await engine.close();
  }
}

describe("a pipe that goes on", () => {
  it("is sealed while it runs, keeps what came at a signal, and shows its packets", async () => {
    const lake = newLake();
    const [stdin, stop] = [new PassThrough(), new AbortController()];
    const sealed: number[] = [];
    const done = run(lake, stdin, {signal: stop.signal, onSealed: (captures) => sealed.push(captures)});
    stdin.write(packets(0, 10));
    // Parts are there before the end.
    await expect.poll(() => sealedParts(lake).length).toBeGreaterThan(0);
    stdin.write(packets(10, 5, false));
    stop.abort();
    const {captures, parts, isInterrupted, failed} = await done;
    expect([isInterrupted, failed, parts]).toEqual([true, [], sealedParts(lake)]);
    expect(captures.map(({row, known}) => [row.path, row.format, row.packets, row.flows, row.problem, known])).toEqual([
      ["-", "live/pipe pcap", 15n, 15n, null, false]
    ]);
    expect([await count(lake), await count(lake, "captures"), sealed[0]]).toEqual([15, 1, 1]);
    expect(readdirSync(join(lake, ".runs"))).toEqual([]);
    const [row] = await capturesOf(lake);
    const engine = await openLake(lake, {threads: 1});
    const ids = (await engine.query("SELECT flow_id FROM flows")).rows.map(([id]) => BigInt(id as bigint));
    await engine.close();
    const wanted = {capture: row.capture_sha256, path: "-", format: row.format, meter: row.meter, flows: new Set(ids)};
    expect(await readFlowPackets(lake, wanted, () => {})).toEqual({kept: 15, reason: null});
  });

  it("that brought what the lake has counts once, whichever came first", async () => {
    const lake = newLake();
    const path = join(folder, "whole.pcap");
    writeFileSync(path, packets(0, 12));
    const feed = async () => {
      const stdin = new PassThrough();
      const done = run(lake, stdin);
      stdin.write(packets(0, 6));
      await new Promise((later) => setTimeout(later, 500));
      stdin.end(packets(6, 6, false));
      return done;
    };
    expect((await feed()).captures[0].known).toBe(false);
    expect((await importCaptures([path], {lake, clock: Date.now})).captures[0].known).toBe(true);
    expect((await feed()).captures[0].known).toBe(true);
    expect([await count(lake), await count(lake, "captures")]).toEqual([12, 1]);
  });

  it("and is compressed is read at its end, or so far at a signal", async () => {
    const lake = newLake();
    const [stdin, stop] = [new PassThrough(), new AbortController()];
    const bytes = gzipSync(packets(0, 3000));
    const done = run(lake, stdin, {signal: stop.signal});
    stdin.write(bytes.subarray(0, bytes.length >> 1));
    await new Promise((later) => setTimeout(later, 400));
    stop.abort();
    const {captures, isInterrupted} = await done;
    expect(isInterrupted).toBe(true);
    expect(captures[0].row.problem).toContain("-: byte");
    expect(Number(captures[0].row.packets)).toBeGreaterThan(100);
  });
});

describe("a pipe that ends at once", () => {
  it("is a file: recognised by its hash, and wrong in the same words", async () => {
    const lake = newLake();
    const feed = (bytes: Uint8Array) => {
      const stdin = new PassThrough();
      stdin.end(bytes);
      return run(lake, stdin, {sealEveryMs: 20_000});
    };
    expect((await feed(packets(0, 3))).captures.map(({row, known}) => [row.format, known])).toEqual([["pcap", false]]);
    expect((await feed(packets(0, 3))).captures.map(({known}) => known)).toEqual([true]);
    expect((await feed(Buffer.from("no capture at all, but some bytes"))).failed).toEqual([
      {path: "-", problem: expect.stringContaining("-: byte 0: expected a pcap or pcapng file")}
    ]);
    expect((await feed(Buffer.alloc(0))).failed[0].problem).toContain("found no byte");
  });
});

describeUnless(onWindows)("a named pipe", () => {
  const fifo = (name: string) => {
    const path = join(folder, name);
    execFileSync("mkfifo", [path]);
    return path;
  };

  it("is read as standard input is", async () => {
    const path = fifo("read");
    const done = importCaptures([path], {lake: newLake(), clock: Date.now, sealEveryMs: 10_000});
    execFileSync("sh", ["-c", 'cat > "$0"', path], {input: packets(0, 4)});
    expect((await done).captures.map(({row}) => [row.path, row.packets])).toEqual([[path, 4n]]);
  });

  it("without a writer is ended by a signal, with code 130", async () => {
    const lake = newLake();
    const path = fifo("silent");
    const child = spawn(process.execPath, [bin, "import", path, "--lake", lake, "--json"], {
      stdio: ["ignore", "pipe", "pipe"]
    });
    let out = "";
    child.stdout.on("data", (text) => (out += text));
    await expect.poll(() => readdirSync(folder).includes(lake.slice(folder.length + 1))).toBe(true);
    await expect.poll(() => readdirSync(join(lake, ".runs")).length).toBe(1);
    child.kill("SIGTERM");
    const code = await new Promise((ended) => child.on("close", ended));
    expect([code, JSON.parse(out).captures]).toEqual([130, []]);
    expect(readdirSync(join(lake, ".runs"))).toEqual([]);
  });

  it("given to the command is sealed while it runs, and an interrupt ends it with a summary", async () => {
    const lake = newLake();
    const path = fifo("live");
    const child = spawn(process.execPath, [bin, "import", path, "--lake", lake, "--json"], {
      stdio: ["ignore", "pipe", "pipe"]
    });
    let out = "";
    child.stdout.on("data", (text) => (out += text));
    const writer = openSync(path, "w");
    writeSync(writer, packets(0, 8));
    await expect.poll(() => sealedParts(lake).length, {timeout: 60_000}).toBe(1);
    writeSync(writer, packets(8, 2, false));
    child.kill("SIGINT");
    const code = await new Promise((ended) => child.on("close", ended));
    const report = JSON.parse(out);
    expect([code, report.packets, report.flows, report.captures.length]).toEqual([130, 10, 10, 1]);
    expect(await count(lake)).toBe(10);
  });
});
