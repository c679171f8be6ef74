import {readFileSync} from "node:fs";
import {importCaptures} from "../../capture/import/import.ts";
import {countTools, type FlowLabel, labeller, type ToolCount} from "../../lab/labels.ts";
import type {Truth} from "../../lab/truth.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {exit, UserError} from "../verb.ts";

/** A flow of a labelled capture; `tool` is null for ordinary traffic. */
export interface LabelledFlow extends FlowLabel {
  readonly flow_id: bigint;
  readonly tool: string | null;
  /** Address of the originator. */
  readonly host: string;
}

/** The truth beside a capture of the lab (`x.pcap` → `x.truth.json`); throws where it is missing or another's. */
export function readTruth(capture: string): Truth {
  const path = capture.replace(/\.pcap$/, ".truth.json");
  let truth: Truth;
  try {
    truth = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UserError(exit.input, `${path}: ${(error as Error).message}`, {cause: error});
  }
  if (truth.format !== "flowbook-truth-1")
    throw new UserError(exit.input, `${path}: expected format flowbook-truth-1, found ${truth.format}`);
  return truth;
}

/** Imports a capture of the lab into the lake and labels its flows by the truth beside it. */
export async function labelCapture(
  capture: string,
  lake: string,
  clock: () => number
): Promise<{truth: Truth; flows: LabelledFlow[]; tools: ToolCount[]}> {
  const truth = readTruth(capture);
  const imported = await importCaptures([capture], {lake, clock});
  if (imported.failed.length > 0) throw new UserError(exit.input, imported.failed[0].problem);
  const {capture_sha256} = imported.captures[0].row;
  if (capture_sha256 !== truth.capture_sha256)
    throw new UserError(
      exit.stale,
      `${capture}: expected a truth file for this capture, found one for capture ${truth.capture_sha256}`
    );
  const engine = await openLake(lake, {maxRows: 10_000_000});
  try {
    const {rows} = await engine.query(
      "SELECT flow_id, ts_start, ts_end, src_ip, src_port, dst_ip, dst_port, proto FROM flows WHERE capture_sha256 = ? ORDER BY flow_id",
      [capture_sha256]
    );
    const label = labeller(truth.events);
    const flows = rows.map(([flow_id, ts_start, ts_end, src_ip, src_port, dst_ip, dst_port, proto]) => {
      const found = label({
        ts_start: Number(ts_start),
        ts_end: Number(ts_end),
        src_ip: String(src_ip),
        src_port: Number(src_port),
        dst_ip: String(dst_ip),
        dst_port: Number(dst_port),
        proto: Number(proto)
      });
      return {
        flow_id: flow_id as bigint,
        ...found,
        host: String(src_ip),
        tool: found.event === undefined ? null : truth.events[found.event].tool
      };
    });
    return {truth, flows, tools: countTools(truth.events, flows)};
  } finally {
    await engine.close();
  }
}
