import {copyFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {basename, join, relative} from "node:path";
import {Readable} from "node:stream";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {type ImportOptions, type ImportResult, importCaptures} from "../../../capture/import/import.ts";
import {partFiles, sealedParts} from "../../../capture/partitions/layout.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import type {Value} from "../../../schema/engine.ts";
import {table, tables} from "../../../schema/tables.ts";
import {describeUnless} from "../../needs.ts";
import {noSharedData, sharedCaptures, sharedData} from "../../shared-data.ts";
import {ethernetUdp, pcap} from "../made-capture.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-import-"));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

let lakes = 0;
const newLake = () => join(folder, `lake-${lakes++}`);
const clock = () => 1_790_000_000_000 + lakes * 1000;

async function ask(lake: string, sql: string): Promise<Value[][]> {
  const engine = await openLake(lake, {threads: 1});
  try {
    return (await engine.query(sql)).rows.map((row) => [...row]);
  } finally {
    await engine.close();
  }
}

function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const run = (lake: string, paths: readonly string[], options: Partial<ImportOptions> = {}): Promise<ImportResult> =>
  importCaptures(paths, {lake, clock, ...options});

/** Three packets of two flows: two from A to B, one back, and one of another pair. */
const small = () =>
  pcap([
    {us: 1_000_000, frame: ethernetUdp("10.0.0.1", 1000, "10.0.0.2", 2000, Buffer.from("hello"))},
    {us: 1_500_000, frame: ethernetUdp("10.0.0.2", 2000, "10.0.0.1", 1000, Buffer.from("hi"))},
    {us: 2_000_000, frame: ethernetUdp("10.0.0.3", 1000, "10.0.0.2", 2000, Buffer.from("x"))}
  ]);

describe("a capture imported", () => {
  it("is in the lake with its flows, features and what was counted", async () => {
    const lake = newLake();
    const {captures, failed, parts} = await run(lake, [file("small.pcap", small())]);
    expect(failed).toEqual([]);
    expect(parts).toEqual(sealedParts(lake));
    expect(captures.map(({row, known}) => [basename(row.path), row.packets, row.flows, row.problem, known])).toEqual([
      ["small.pcap", 3n, 2n, null, false]
    ]);
    expect(
      await ask(
        lake,
        "SELECT src_ip, dst_ip, src_port, dst_port, proto, src_pkts, dst_pkts, src_payload_bytes, dst_payload_bytes, ts_start, duration_us FROM flows ORDER BY ts_start"
      )
    ).toEqual([
      ["10.0.0.1", "10.0.0.2", 1000, 2000, 17, 1n, 1n, 5n, 2n, 1_000_000n, 500_000n],
      ["10.0.0.3", "10.0.0.2", 1000, 2000, 17, 1n, 0n, 1n, 0n, 2_000_000n, 0n]
    ]);
    expect(await ask(lake, "SELECT count(*) FROM flows JOIN features USING (flow_id)")).toEqual([[2n]]);
    expect(await ask(lake, "SELECT first_ts, last_ts, file_bytes, format, imported_at FROM captures")).toEqual([
      [1_000_000n, 2_000_000n, BigInt(small().length), "pcap", BigInt(clock()) * 1000n]
    ]);
  });

  it("is recognised by its bytes, under whatever name, and not counted twice; force replaces its rows", async () => {
    const lake = newLake();
    const first = file("one.pcap", small());
    copyFileSync(first, join(folder, "two.pcap"));
    await run(lake, [first]);
    const again = await run(lake, [join(folder, "two.pcap"), first]);
    expect(again.captures.map(({known, row}) => [known, basename(row.path), row.flows])).toEqual([
      [true, "one.pcap", 2n],
      [true, "one.pcap", 2n]
    ]);
    expect(again.parts).toEqual([]);
    const forced = await run(lake, [join(folder, "two.pcap"), first], {force: true, clock: () => clock() + 60_000});
    expect(forced.captures.map(({known}) => known)).toEqual([false, true]);
    expect(sealedParts(lake).length).toBe(2);
    expect(await ask(lake, "SELECT parse_filename(path), packets FROM captures")).toEqual([["two.pcap", 3n]]);
    expect(await ask(lake, "SELECT count(*) FROM flows")).toEqual([[2n]]);
  });

  it("is read again where other settings of the meter are asked for, and then known by them", async () => {
    const lake = newLake();
    const one = file("settings.pcap", small());
    const settings = {idleTimeoutUs: 1_000_000};
    const known = async (options: object) => (await run(lake, [one], options)).captures.map((capture) => capture.known);
    expect(await known({})).toEqual([false]);
    expect(await known({settings, clock: () => clock() + 60_000})).toEqual([false]);
    expect(await known({settings})).toEqual([true]);
    expect(await ask(lake, "SELECT count(*) FROM captures")).toEqual([[1n]]);
  });

  it("comes from standard input too, under the name -", async () => {
    const lake = newLake();
    const bytes = small();
    const {captures} = await run(lake, ["-"], {stdin: Readable.from([bytes.subarray(0, 30), bytes.subarray(30)])});
    expect(captures.map(({row}) => [row.path, row.packets])).toEqual([["-", 3n]]);
  });

  it("is found in folders, and shares its part with the others of its import", async () => {
    const lake = newLake();
    mkdirSync(join(folder, "deep/er"), {recursive: true});
    writeFileSync(join(folder, "deep/a.pcap"), small());
    writeFileSync(
      join(folder, "deep/er/b.pcap"),
      pcap([{us: 5, frame: ethernetUdp("10.9.0.1", 1, "10.9.0.2", 2, Buffer.from("b"))}])
    );
    const sealed: number[] = [];
    const {captures, parts} = await run(lake, [join(folder, "deep")], {onSealed: (captures) => sealed.push(captures)});
    expect(sealed).toEqual([2]);
    expect(captures.map(({row}) => [relative(folder, row.path), row.packets])).toEqual([
      ["deep/a.pcap", 3n],
      ["deep/er/b.pcap", 1n]
    ]);
    expect(parts.length).toBe(1);
    expect(partFiles(lake, "flows").length).toBe(1);
  });

  it("stopped midway leaves nothing", async () => {
    const lake = newLake();
    const stop = new AbortController();
    const options = {signal: stop.signal, onProgress: () => stop.abort()};
    await expect(run(lake, [file("stop.pcap", small())], options)).rejects.toThrow("aborted");
    expect(sealedParts(lake)).toEqual([]);
    expect(await ask(lake, "SELECT count(*) FROM flows")).toEqual([[0n]]);
  });
});

describe("a file that cannot be read whole", () => {
  it("cut in a packet is kept up to there, and says at which byte", async () => {
    const lake = newLake();
    const path = file("cut.pcap", small());
    truncateSync(path, small().length - 3);
    const {captures, failed} = await run(lake, [path, file("whole.pcap", small())]);
    expect(failed).toEqual([]);
    expect(captures[0].row.packets).toBe(2n);
    expect(captures[0].row.problem).toContain(`${path}: byte ${24 + 2 * 16 + 47 + 44}`);
    expect(captures[1].row.problem).toBe(null);
  });

  it("that is empty, random or no capture is named with byte, and stops no other", async () => {
    const lake = newLake();
    const random = Uint8Array.from({length: 5000}, (_, i) => (i * 7919 + (i >> 3)) & 255);
    const paths = [
      file("empty.pcap", new Uint8Array()),
      file("random.pcap", random),
      file("text.txt", Buffer.from("hello, world of text\n".repeat(9))),
      join(folder, "missing.pcap"),
      file("good.pcap", small())
    ];
    const {captures, failed} = await run(lake, paths);
    expect(captures.map(({row}) => basename(row.path))).toEqual(["good.pcap"]);
    expect(failed.map(({path}) => basename(path))).toEqual(["missing.pcap", "empty.pcap", "random.pcap", "text.txt"]);
    for (const {path, problem} of failed) expect(problem).toContain(path);
    for (const {problem} of failed.slice(1)) expect(problem).toContain("byte 0");
    expect(await ask(lake, "SELECT sum(packets) FROM captures")).toEqual([[3n]]);
  });
});

describeUnless(noSharedData)("the shared captures", () => {
  let lake: string;
  let result: ImportResult;
  beforeAll(async () => {
    lake = newLake();
    result = await run(lake, [join(sharedData, "pcap"), join(sharedData, "malformed")]);
  }, 300_000);

  it("lose no packet: in flows, without IP, malformed or unread, all are there", async () => {
    const [[astray]] = await ask(
      lake,
      `SELECT count(*) FROM captures LEFT JOIN (SELECT capture_sha256, sum(src_pkts + dst_pkts) AS n FROM flows GROUP BY 1) USING (capture_sha256)
       WHERE packets <> coalesce(n, 0) + non_ip_packets + malformed + unread_packets`
    );
    expect(astray).toBe(0n);
    expect(
      await ask(
        lake,
        "SELECT (SELECT count(*) FROM flows) - (SELECT sum(flows) FROM captures), (SELECT count(*) FROM features) - (SELECT count(*) FROM flows)"
      )
    ).toEqual([[0n, 0n]]);
  });

  it("have flow ids that differ, and only rows of flows that are there", async () => {
    expect(await ask(lake, "SELECT count(*) - count(DISTINCT flow_id) FROM flows")).toEqual([[0n]]);
    for (const {name} of tables.filter((t) => ["dns", "http", "tls", "ssh", "ftp", "smb", "features"].includes(t.name)))
      expect([
        name,
        ...(await ask(lake, `SELECT count(*) FROM ${name} WHERE flow_id NOT IN (SELECT flow_id FROM flows)`))
      ]).toEqual([name, [0n]]);
  });

  it("fill every column that cannot be unknown", async () => {
    for (const name of ["flows", "features", "captures", "dns", "http", "tls", "ssh", "ftp", "smb"] as const) {
      const firm = table(name)
        .columns.filter((column) => !column.nullable)
        .map((column) => column.name);
      const [nulls] = await ask(lake, `SELECT ${firm.map((column) => `count(*) - count("${column}")`)} FROM ${name}`);
      expect([name, firm.filter((_, k) => nulls[k] !== 0n)]).toEqual([name, []]);
    }
  });

  it("have as many packets as the manifest says", () => {
    const found = new Map(result.captures.map(({row}) => [row.capture_sha256, Number(row.packets)]));
    const captures = sharedCaptures("pcap");
    const wrong = captures.filter(({sha256, packets}) => found.get(sha256) !== packets);
    expect(wrong.map(({file, sha256, packets}) => [file, packets, found.get(sha256)])).toEqual([]);
    expect(captures.length).toBe(815);
  });

  it("among them the malformed ones end no import", () => {
    expect(result.captures.filter(({row}) => row.path.includes("/malformed/")).length).toBeGreaterThan(400);
    for (const {path, problem} of result.failed) expect(problem).toContain(path);
  });
});
