import {execFileSync} from "node:child_process";
import {mkdtempSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {tables} from "../../../schema/tables.ts";
import {describeUnless} from "../../needs.ts";
import {pcap} from "../made-capture.ts";
import {readCapture} from "../sources/packets.ts";
import {type Cable, flowbookIn, layCable, noNamespaces, runIn} from "./network.ts";
import {framesToReplay} from "./replay-frames.ts";

/** Longer than closed connections and unanswered attempts are kept (5 s): some end while others go on. */
const seconds = 7;

const why = noNamespaces() ?? noPython();

function noPython(): string | null {
  try {
    execFileSync("python3", ["--version"], {stdio: "ignore"});
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const folder = mkdtempSync(join(tmpdir(), "flowbook-replay-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

/** Everything but what identifies a capture, by table: flows with their features, and the applications' records. */
async function contentOf(lake: string): Promise<Record<string, string[]>> {
  const engine = await openLake(lake, {threads: 1});
  const isOfCapture = new Set(["flow_id", "capture_sha256"]);
  const columnsOf = (name: string, as = name) =>
    tables
      .find((table) => table.name === name)!
      .columns.filter((column) => !isOfCapture.has(column.name))
      .map((column) => `${as}.${column.name}`);
  try {
    const content: Record<string, string[]> = {};
    for (const [name, from, columns] of [
      ["flows", "flows f JOIN features x USING (flow_id)", [...columnsOf("flows", "f"), ...columnsOf("features", "x")]],
      ...["dns", "http", "tls", "ssh", "ftp", "smb", "arp"].map(
        (record) => [record, record, columnsOf(record)] as const
      )
    ] as const) {
      const {rows} = await engine.query(`SELECT ${columns.join(", ")} FROM ${from} ORDER BY ALL`);
      content[name] = rows.map((row) =>
        columns
          .map((column, i) => `${column}=${typeof row[i] === "object" ? JSON.stringify(row[i]) : row[i]}`)
          .join(" ")
      );
    }
    return content;
  } finally {
    await engine.close();
  }
}

describeUnless(why)("packets sent over a cable and captured", {timeout: 300_000}, () => {
  let cable: Cable;
  let frames: Uint8Array[];
  const file = join(folder, "sent.pcap");

  beforeAll(async () => {
    cable = layCable("rep");
    frames = await framesToReplay();
    writeFileSync(file, pcap(frames.map((frame, us) => ({us, frame: Buffer.from(frame)}))));
  });
  afterAll(() => cable?.remove());

  for (const program of ["dumpcap", "tcpdump"])
    it(`by ${program} make the flows, features and records that they make when read from the file they were kept in`, async () => {
      const sent = frames.length;
      const [live, imported] = [join(folder, `${program}-live`), join(folder, `${program}-file`)];
      const options = ["-i", cable.interface, "--lake", live, "--no-score", "--json", "--rotate", "1"];
      const capture = flowbookIn(cable.receiver, "capture", ...options, "--program", program);
      await capture.says("capturing on");
      const script = resolve(import.meta.dirname, "replay-frames.py");
      const sender = runIn(cable.sender, "python3", [script, "fbs", file, String(sent / seconds)]);
      const {code, stdout, stderr} = await sender.ended;
      capture.process.kill("SIGTERM");
      expect({code, stderr, sent: Number(stdout)}).toEqual({code: 0, stderr: "", sent});
      const ended = await capture.ended;
      expect(ended.code, ended.stderr).toBe(0);
      const report = JSON.parse(ended.stdout);
      expect([report.packets, report.kernel_drops, report.pipe_drops]).toEqual([sent, 0, 0]);

      const [ring, ...more] = readdirSync(join(live, "packets"));
      const kept = readdirSync(join(live, "packets", ring)).filter((name) => name.endsWith(".pcap"));
      expect([kept, more]).toEqual([["000000.pcap"], []]);
      const keptFile = join(live, "packets", ring, kept[0]);
      const {packets} = await readCapture(keptFile);
      expect(packets.map(({bytes}) => bytes)).toEqual(frames.map((frame) => Buffer.from(frame).toString("latin1")));
      await importCaptures([keptFile], {lake: imported, clock: Date.now});

      const [fromWire, fromFile] = [await contentOf(live), await contentOf(imported)];
      console.info(
        `${sent} packets by ${program}: ${Object.entries(fromWire)
          .map(([name, rows]) => `${rows.length} ${name}`)
          .join(", ")}`
      );
      expect(fromWire).toEqual(fromFile);
      expect(fromWire.flows.length).toBeGreaterThan(300);
      expect(Math.min(...Object.values(fromWire).map((rows) => rows.length))).toBeGreaterThan(0);
      // Ended while the capture went on, and by its end.
      for (const reason of ["fin", "idle", "end"])
        expect(fromWire.flows.some((row) => row.includes(`end_reason=${reason}`))).toBe(true);
    });
});
