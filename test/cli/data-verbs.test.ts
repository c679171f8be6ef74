import {execFile, execFileSync} from "node:child_process";
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {tableFromIPC} from "apache-arrow";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {ethernetUdp, pcap} from "../capture/made-capture.ts";

const root = resolve(import.meta.dirname, "../..");
let folder: string;
let lake: string;

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly bytes: Buffer;
}

function flowbook(args: readonly string[], input?: string | Buffer): Promise<Ended> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [join(root, "bin/flowbook.js"), ...args, "--lake", lake],
      {encoding: "buffer", cwd: folder, maxBuffer: 1 << 26},
      (error, out, err) =>
        done({code: error ? Number(error.code) : 0, out: out.toString(), err: err.toString(), bytes: out})
    );
    child.stdin?.end(input ?? "");
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-verbs-"));
  // Root is given up for a user who has to come here.
  chmodSync(folder, 0o711);
  lake = join(folder, "lake");
  const frame = (host: number, port: number) => ethernetUdp(`10.0.0.${host}`, 1000, "10.0.0.9", port, Buffer.from("x"));
  writeFileSync(
    join(folder, "a.pcap"),
    pcap([
      {us: 1, frame: frame(1, 53)},
      {us: 2, frame: frame(2, 53)},
      {us: 3, frame: frame(3, 99)}
    ])
  );
  writeFileSync(
    join(folder, "cut.pcap"),
    pcap([
      {us: 1, frame: frame(4, 53)},
      {us: 2, frame: frame(5, 53)}
    ])
  );
  truncateSync(join(folder, "cut.pcap"), 24 + 16 + 43 + 16 + 10);
  writeFileSync(join(folder, "empty.pcap"), "");
  writeFileSync(join(folder, "text.txt"), "this is no capture at all, but it has some bytes\n");
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

describe("flowbook import", () => {
  it("prints one object, and exit code 0 where all was read", async () => {
    const {code, out, err} = await flowbook(["import", "a.pcap", "--json", "--no-score"]);
    expect([code, err]).toEqual([0, ""]);
    const report = JSON.parse(out);
    expect(report).toMatchObject({
      packets: 3,
      flows: 3,
      malformed: 0,
      wire_bytes: 129,
      verdicts: 0,
      notices: 0,
      incidents: 0,
      failed: []
    });
    expect(report.captures).toMatchObject([
      {
        path: join(folder, "a.pcap"),
        packets: 3,
        wire_bytes: 129,
        malformed: 0,
        unread: {},
        flows: 3,
        first_ts_us: 1,
        last_ts_us: 3,
        problem: null,
        known: false
      }
    ]);
    expect(report.captures[0].sha256).toMatch(/^[0-9a-f]{64}$/);
    for (const figure of ["wall_s", "cpu_s", "packets_per_cpu_s", "max_rss_mb"])
      expect(report[figure]).toBeGreaterThan(0);
  });

  it("keeps what is readable of a cut file, with exit code 4 and the byte", async () => {
    const {code, out, err} = await flowbook(["import", "cut.pcap", "--no-score"]);
    expect(code).toBe(4);
    expect(err).toContain("cut.pcap: byte 83: ");
    expect(err).toContain("the 1 packets before are kept");
    expect(out).toContain("flows      1");
  });

  it("names what is no capture, with byte and exit code 4, and imports the others", async () => {
    const {code, err, out} = await flowbook([
      "import",
      "empty.pcap",
      "text.txt",
      "missing.pcap",
      "a.pcap",
      "--json",
      "--no-score"
    ]);
    expect(code).toBe(4);
    expect(err).toMatch(/empty\.pcap: byte 0: .*\n/);
    expect(err).toMatch(/text\.txt: byte 0: .*found 74 68 69 73/);
    expect(err).toContain("missing.pcap: expected a file, a folder or a pipe, found nothing\n");
    expect(JSON.parse(out).captures).toMatchObject([{path: join(folder, "a.pcap"), known: true, flows: 3}]);
    expect((await flowbook(["import"])).code).toBe(2);
  });

  it("leaves out what lies beside the captures of a folder, with a word and exit code 0", async () => {
    const mixed = join(folder, "mixed");
    mkdirSync(mixed);
    writeFileSync(join(mixed, "a.pcap"), readFileSync(join(folder, "a.pcap")));
    writeFileSync(join(mixed, "truth.json"), "{}");
    const {code, err, out} = await flowbook(["import", "mixed", "--json", "--no-score"]);
    expect([code, err]).toEqual([0, "flowbook: 1 file is no capture and left out: mixed/truth.json\n"]);
    expect(JSON.parse(out)).toMatchObject({captures: [{known: true}], skipped: ["mixed/truth.json"], failed: []});
  });

  it("reads captures side by side where it is told to", async () => {
    const report = async (...more: string[]) =>
      JSON.parse((await flowbook(["import", "a.pcap", "cut.pcap", "--force", "--json", "--no-score", ...more])).out);
    const [{captures, flows}, alone] = [await report("--workers", "2"), await report("--workers", "1")];
    expect([captures, flows]).toEqual([alone.captures, alone.flows]);
    const {code, err} = await flowbook(["import", "a.pcap", "--workers", "0"]);
    expect([code, err]).toEqual([2, expect.stringContaining("--workers: expected a number from 1 to 64")]);
  });

  it("reads standard input", async () => {
    const {code, out} = await flowbook(["import", "-", "--json", "--no-score"], readFileSync(join(folder, "a.pcap")));
    expect([code, JSON.parse(out).captures[0].known]).toEqual([0, true]);
  });
});

describe("flowbook query", () => {
  it("prints a table, and every other format", async () => {
    const sql = "SELECT src_ip, dst_port FROM flows WHERE dst_port = 99";
    expect((await flowbook(["query", sql])).out).toBe(
      "src_ip    dst_port\n────────  ────────\n10.0.0.3        99\n(1 row)\n"
    );
    expect(JSON.parse((await flowbook(["query", "-", "--format", "json"], sql)).out)).toEqual([
      {src_ip: "10.0.0.3", dst_port: 99}
    ]);
    expect((await flowbook(["query", sql, "--format", "csv"])).out).toBe("src_ip,dst_port\n10.0.0.3,99\n");
    expect((await flowbook(["query", sql, "--format", "ndjson"])).out).toBe('{"src_ip":"10.0.0.3","dst_port":99}\n');
    expect(
      tableFromIPC((await flowbook(["query", sql, "--format", "arrow"])).bytes)
        .toArray()
        .map(String)
    ).toEqual(['{"src_ip": "10.0.0.3", "dst_port": 99}']);
    expect((await flowbook(["query", sql, "--format", "parquet"])).bytes.subarray(0, 4).toString()).toBe("PAR1");
  });

  it("holds few rows at a time where texts are large, in every format", () => {
    // 60 rows of 2 MB; the heap takes a few of them.
    const sql = "SELECT i, repeat(chr((97 + i % 7)::INTEGER), 2000000) AS t FROM range(60) r(i) ORDER BY i";
    const command = [process.execPath, "--max-old-space-size=64", join(root, "bin/flowbook.js"), "query", sql];
    const bytes = (format: string) => {
      const line = '"$@" | wc -c';
      const args = ["-c", line, "sh", ...command, "--format", format, "--lake", lake];
      return Number(execFileSync("sh", args, {encoding: "utf8"}));
    };
    const texts = 60 * 2_000_000;
    const digits = 10 + 50 * 2;
    expect({csv: bytes("csv"), ndjson: bytes("ndjson"), json: bytes("json"), table: bytes("table")}).toEqual({
      csv: 4 + texts + digits + 60 * 2,
      ndjson: texts + digits + 60 * '{"i":,"t":""}\n'.length,
      json: texts + digits + 60 * '\n {"i":,"t":""},'.length + "[\n]\n".length - 1,
      table: 6 + (3 * 2 + 2 + 3 * 60 + 1) + 60 * (2 + 2 + 62 + 1) + "(60 rows)\n".length
    });
    expect(bytes("arrow")).toBeGreaterThan(texts);
  });

  it("tells DuckDB's words and exit code 2 where the statement is wrong or not run", async () => {
    const wrong = await flowbook(["query", "SELECT nope FROM flows"]);
    expect([wrong.code, wrong.out]).toEqual([2, ""]);
    expect(wrong.err).toContain('Referenced column "nope" not found');
    const refused = await flowbook(["query", "COPY flows TO 'x.csv'", "--format", "csv"]);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain("only statements that read are run");
    const format = await flowbook(["query", "SELECT 1", "--format", "jsno"]);
    expect(format.code).toBe(2);
    expect(format.err).toContain("did you mean json?");
  });

  it("hands a stranger's text on as it is to a file, and escapes what a terminal would obey", async () => {
    const text = "'a' || chr(27) || '[2J' || chr(155) || '0m' || chr(8238)";
    const raw = `a\u001b[2J\u009b0m\u202e`;
    const shown = "a\\u{1b}[2J\\u{9b}0m\\u{202e}";
    const wrong = await flowbook(["query", `SELECT (${text})::INTEGER`]);
    expect([wrong.code, wrong.err.includes(shown)]).toEqual([2, true]);
    const piped = await flowbook(["query", `SELECT ${text} AS x`, "--format", "csv"]);
    expect(piped.out).toBe(`x\n${raw}\n`);
    const {withoutControls} = await import("../../cli/terminal-text.ts");
    expect(withoutControls(`${raw}\tb\n`)).toBe(`${shown}\tb\n`);
  });
});

describe("flowbook export", () => {
  it("writes as many flows as the condition selects", async () => {
    const {code, err} = await flowbook(["export", "flows", "--where", "dst_port = 53 -- DNS", "-w", "dns.csv"]);
    expect([code, err]).toEqual([0, "flowbook: 3 flows to dns.csv\n"]);
    expect(readFileSync(join(folder, "dns.csv"), "utf8").trimEnd().split("\n").length).toBe(4);
    expect((await flowbook(["export", "flows", "--format", "ndjson"])).out.trimEnd().split("\n").length).toBe(4);
  });

  it("says so where nothing matches", async () => {
    const {code, err, out} = await flowbook(["export", "flows", "--where", "proto = 6", "--format", "json"]);
    expect([code, err, out]).toEqual([0, "flowbook: no flows match the condition\n", "[]\n"]);
  });

  it("tells what it can export, and in which formats", async () => {
    expect((await flowbook(["export", "flow", "--format", "csv"])).err).toContain("did you mean flows?");
    expect((await flowbook(["export", "flows"])).err).toContain("formats: csv, json, ndjson, parquet, arrow");
    const nowhere = await flowbook(["export", "flows", "-w", join(folder, "none/x.csv")]);
    expect([nowhere.code, nowhere.err.split("\n")[0]]).toEqual([
      2,
      `flowbook: export: there is no folder ${join(folder, "none")}`
    ]);
    expect((await flowbook(["export", "flows", "-w", join(folder, "dns.parquet")])).code).toBe(0);
    expect(statSync(join(folder, "dns.parquet")).mode & 0o777).toBe(process.platform === "win32" ? 0o666 : 0o600);
    const unbalanced = await flowbook(["export", "flows", "--where", "1 = 1) UNION SELECT 1 --", "--format", "csv"]);
    expect(unbalanced.code).toBe(2);
  });
});
