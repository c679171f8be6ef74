import {createReadStream, createWriteStream, mkdtempSync, renameSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {finished, pipeline} from "node:stream/promises";
import {type ExportWay, exportPackets} from "../capture/packets/export-packets.ts";
import type {WantedFlows} from "../capture/packets/flow-packets.ts";
import {PacketsProblem} from "../capture/packets/packet-files.ts";
import type {Redaction} from "../loaders/export/redaction.ts";
import {openLake} from "../loaders/lake/duckdb.ts";
import {annotationsOf} from "./packet-annotations.ts";
import {printable} from "./progress.ts";
import {queryError, writingTo} from "./query-output.ts";
import {learnWords, redactedPackets, refuseBreaches} from "./redacted-packets.ts";
import {type ExitCode, exit, UserError} from "./verb.ts";

export interface PacketsAsked {
  readonly lake: string;
  /** A condition as SQL, or nothing. */
  readonly where: string;
  /** `-` for standard output. */
  readonly file: string;
  readonly json: boolean;
  readonly format: "pcap" | "pcapng";
  /** Without addresses, names, payloads and times. */
  readonly redaction: Redaction | null;
}

/** Writes the packets of the flows that a condition selects to a capture file; pcapng says incidents and names with them. */
export async function writePackets({lake, where, file, json, format, redaction}: PacketsAsked): Promise<ExitCode> {
  let wanted: WantedFlows[];
  let way: ExportWay;
  try {
    wanted = await selectedFlows(lake, where);
    if (redaction) await learnWords(lake, redaction);
    const annotations = format === "pcapng" ? await annotationsOf(lake, where, redaction) : undefined;
    way = {annotations, ...(redaction && {change: redactedPackets(redaction)})};
  } catch (error) {
    throw queryError(error);
  }
  const selected = wanted.reduce((sum, {flows}) => sum + flows.size, 0);
  const result = {packets: 0, flows: 0, cutTimes: 0, missing: [] as {path: string; capture: string; reason: string}[]};
  const whole = async (path: string) => {
    const to = createWriteStream(path, {mode: 0o600});
    Object.assign(result, await exportPackets(lake, wanted, to, way));
    to.end();
    await finished(to);
  };
  const draft = redaction
    ? file === "-"
      ? join(mkdtempSync(join(tmpdir(), "flowbook-packets-")), "packets")
      : `${file}.${process.pid}.tmp`
    : null;
  try {
    if (draft !== null) {
      await whole(draft);
      await refuseBreaches(draft, redaction!);
      if (file === "-") await pipeline(createReadStream(draft), process.stdout, {end: false});
      else renameSync(draft, file);
    } else if (file === "-")
      await writingTo(
        process.stdout,
        async (to) => Object.assign(result, await exportPackets(lake, wanted, to, way)).packets
      );
    else await whole(file);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof PacketsProblem)
      throw new UserError(exit.usage, `export: ${error.message}`, {cause: error, hint: "-w FILE.pcapng holds them"});
    throw queryError(error);
  } finally {
    if (draft !== null) rmSync(file === "-" ? dirname(draft) : draft, {recursive: true, force: true});
  }
  if (redaction)
    console.error(
      `flowbook: Redacted: ${redaction.images.size.toLocaleString("en")} addresses replaced with their prefixes kept, payloads and names left out${redaction.shiftUs === 0 ? "" : ", times moved by a whole number of weeks"}.`
    );
  const {packets, flows, cutTimes, missing} = result;
  if (cutTimes > 0)
    console.error(
      `flowbook: ${cutTimes.toLocaleString("en")} packets have times in ns, and the file, which begins with a capture in µs, holds µs`
    );
  for (const {path, capture, reason} of missing)
    console.error(`flowbook: ${printable(path)} (${capture.slice(0, 12)}): ${printable(reason)}`);
  if (json && file !== "-") console.log(JSON.stringify({packets, flows, selected_flows: selected, file, missing}));
  else if (selected === 0) console.error(`flowbook: no flows ${where ? "match the condition" : "in the lake"}`);
  else
    console.error(
      `flowbook: ${packets.toLocaleString("en")} packets of ${flows.toLocaleString("en")} flows${flows < selected ? ` (of ${selected.toLocaleString("en")} selected)` : ""}${file === "-" ? "" : ` to ${file}`}`
    );
  // A capture file without packets is what nobody asked for: scripts have to notice.
  return missing.length > 0 || packets === 0 ? exit.input : exit.ok;
}

async function selectedFlows(lake: string, where: string): Promise<WantedFlows[]> {
  const engine = await openLake(lake);
  try {
    const captures = await engine.query(
      "SELECT capture_sha256, path, format, meter FROM captures ORDER BY first_ts, capture_sha256"
    );
    const flows = new Map<string, Set<bigint>>();
    const stream = await engine.stream(`SELECT flow_id, capture_sha256 FROM flows ${where}`);
    for await (const batch of stream.batches)
      for (const [flow, capture] of batch) {
        const own = flows.get(String(capture)) ?? new Set();
        flows.set(String(capture), own.add(BigInt(flow as bigint | number)));
      }
    return captures.rows
      .map(([capture, path, format, meter]) => ({
        capture: String(capture),
        path: String(path),
        format: String(format),
        meter: String(meter)
      }))
      .flatMap((row) => {
        const own = flows.get(row.capture);
        return own ? [{...row, flows: own}] : [];
      });
  } finally {
    await engine.close();
  }
}
