import {createHash} from "node:crypto";
import {mkdtempSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {basename, join} from "node:path";
import {gunzipSync} from "node:zlib";
import {importCaptures} from "../../capture/import/import.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {cicStatistics} from "../../schema/cicflowmeter.ts";
import type {CapturePair, ConformanceFigures} from "../../src/lib/conformance.ts";
import {sharedData} from "../shared-data.ts";
import {type CicRow, compareFeature, matchRows, type Pair, sameExtent, tolerance} from "./compare.ts";

/** The captures of concap for which CICFlowMeter's own output is at hand. */
const concap = [
  {name: "nmap-a-t4", capture: "pcap/concap/nmap-a-t4.pcap", reference: "truth/concap/nmap-a-t4.cicflowmeter.csv.gz"},
  {name: "ping", capture: "pcap/concap/ping.pcap", reference: "truth/concap/ping.cicflowmeter.csv"}
];

/** The flows of ours and the reference's rows of one capture. */
export interface Compared {
  readonly capture: CapturePair;
  readonly pairs: readonly Pair[];
  readonly meter: string;
}

/** Imports a capture into a lake of its own and pairs its flows with the reference's rows. */
export async function compareCapture({name, capture, reference}: (typeof concap)[number]): Promise<Compared> {
  const folder = mkdtempSync(join(tmpdir(), "flowbook-conformance-"));
  try {
    const path = join(sharedData, capture);
    await importCaptures([path], {lake: folder, clock: () => 0});
    const engine = await openLake(folder, {threads: 1});
    try {
      const {columns, rows} = await engine.query(`SELECT * FROM cicflowmeter ORDER BY "Timestamp", flow_id`);
      const ours = rows.map((row) => Object.fromEntries(row.map((value, k) => [columns[k].name, value])) as CicRow);
      const theirs = readCsv(join(sharedData, reference));
      const pairs = matchRows(ours, theirs);
      const [[packets, meter]] = (await engine.query("SELECT packets, meter FROM captures")).rows;
      return {
        pairs,
        meter: settings(String(meter)),
        capture: {
          name,
          captureSha256: sha256(path),
          referenceSha256: sha256(join(sharedData, reference)),
          packets: Number(packets),
          flows: ours.length,
          rows: theirs.length,
          matched: pairs.length,
          unpaired: unpairedByProtocol(theirs, pairs),
          sameExtent: pairs.filter(sameExtent).length
        }
      };
    } finally {
      await engine.close();
    }
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

/** The comparison over all captures: figures alone, nothing of the captures or the reference. */
export async function measureConformance(made: string): Promise<ConformanceFigures> {
  const compared: Compared[] = [];
  for (const one of concap) compared.push(await compareCapture(one));
  const pairs = compared.flatMap((one) => one.pairs);
  return {
    made,
    meter: compared[0].meter,
    reference: "CICFlowMeter as corrected by Engelen, Liu and others (output that comes with ConCap's captures)",
    tolerance,
    captures: compared.map(({capture}) => capture),
    features: cicStatistics.map(({name}) => compareFeature(name, pairs))
  };
}

function unpairedByProtocol(theirs: readonly CicRow[], pairs: readonly Pair[]): Record<string, number> {
  const paired = new Set(pairs.map(([, row]) => row));
  const counts: Record<string, number> = {};
  for (const row of theirs)
    if (!paired.has(row)) counts[String(row.Protocol)] = (counts[String(row.Protocol)] ?? 0) + 1;
  return counts;
}

/** What captures tell of the meter, in words. */
function settings(meter: string): string {
  const {version, idle_timeout_us, active_timeout_us} = JSON.parse(meter);
  return `meter ${version} (a flow ends after ${idle_timeout_us / 1e6} s of silence or ${active_timeout_us / 1e6} s)`;
}

/** Rows of a CSV file without quoted cells, plain or gzip. Throws where a row has not as many cells as the header. */
function readCsv(path: string): CicRow[] {
  const bytes = readFileSync(path);
  const [head, ...lines] = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8").trimEnd().split(/\r?\n/);
  const names = head.split(",");
  return lines.map((line, i) => {
    const cells = line.split(",");
    if (cells.length !== names.length)
      throw new Error(`${basename(path)}: line ${i + 2} has ${cells.length} cells, expected ${names.length}`);
    return Object.fromEntries(names.map((name, k) => [name, cells[k]]));
  });
}

function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
