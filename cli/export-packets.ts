import {createWriteStream} from "node:fs";
import {finished} from "node:stream/promises";
import {exportPackets} from "../capture/packets/export-packets.ts";
import type {WantedFlows} from "../capture/packets/flow-packets.ts";
import {PacketsProblem} from "../capture/packets/packet-files.ts";
import {openLake} from "../loaders/lake/duckdb.ts";
import {printable} from "./progress.ts";
import {queryError, writingTo} from "./query-output.ts";
import {type ExitCode, exit, UserError} from "./verb.ts";

/** Writes the packets of the flows that a condition selects to a pcap file, or to standard output (`-`). */
export async function writePackets(lake: string, where: string, file: string, json: boolean): Promise<ExitCode> {
  let wanted: WantedFlows[];
  try {
    wanted = await selectedFlows(lake, where);
  } catch (error) {
    throw queryError(error);
  }
  const selected = wanted.reduce((sum, {flows}) => sum + flows.size, 0);
  const result = {packets: 0, flows: 0, cutTimes: 0, missing: [] as {path: string; capture: string; reason: string}[]};
  try {
    if (file === "-")
      await writingTo(
        process.stdout,
        async (to) => Object.assign(result, await exportPackets(lake, wanted, to)).packets
      );
    else {
      const to = createWriteStream(file, {mode: 0o600});
      Object.assign(result, await exportPackets(lake, wanted, to));
      to.end();
      await finished(to);
    }
  } catch (error) {
    if (error instanceof PacketsProblem) throw new UserError(exit.usage, `export: ${error.message}`, {cause: error});
    throw queryError(error);
  }
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
