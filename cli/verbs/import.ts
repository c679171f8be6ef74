import {type ImportResult, importCaptures} from "../../capture/import/import.ts";
import {linkTypeText} from "../../src/lib/link-types.ts";
import {numberOption} from "../amounts.ts";
import {anomalySettings, readConfiguration} from "../configuration.ts";
import {counted} from "../counted.ts";
import {leaveRoot} from "../leave-root.ts";
import {printable, progressBar} from "../progress.ts";
import type {StoreAtHand} from "../store.ts";
import {type ExitCode, exit, type Invocation, UserError, type Verb} from "../verb.ts";

const mostWorkers = 64;
/** Files that were left out are named so far. */
const mostNames = 5;

export const verb: Verb = {
  name: "import",
  usage: "PATH… [--force] [--dedup] [--no-score] [--name NAME] [--sensor NAME] [--store s3://…] [--workers N]",
  options: {
    force: {type: "boolean"},
    dedup: {type: "boolean"},
    "no-score": {type: "boolean"},
    name: {type: "string"},
    sensor: {type: "string"},
    store: {type: "string"},
    workers: {type: "string"}
  },
  help: {
    force: "import captures again that are already in the lake; the new rows replace the old ones",
    dedup: "leave out packets that were captured twice (by a mirror port, on several interfaces)",
    "no-score": "do not score flows",
    name: "name of the capture in the lake (for a single file)",
    sensor: "name of this machine among those that fill a lake (default: the setting sensor, else the machine's name)",
    store: "also send the parts to this object store (default: the setting store)",
    workers: "number of threads that read captures, 1 to 64 (default: by cores, memory and files)"
  },
  writesParts: true,
  async run({positionals, values, lake, json, storeKeys}) {
    if (positionals.length === 0)
      throw new UserError(exit.usage, "import: expected at least one path, found none", {
        hint: `flowbook import ${verb.usage}`
      });
    const atHand = await storeOf(values.store as string | undefined, storeKeys);
    leaveRoot(lake, positionals);
    const workers = numberOption(values.workers, "workers", undefined, 1, mostWorkers);
    const began = performance.now();
    const cpuBefore = process.cpuUsage();
    const interrupt = new AbortController();
    const onSignal = () => interrupt.abort();
    process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
    const bar = progressBar(process.stderr, () => performance.now());
    let sealed = 0;
    let result: ImportResult;
    try {
      const {idleTimeoutS, activeTimeoutS, sensor} = readConfiguration({sensor: values.sensor as string | undefined});
      result = await importCaptures(positionals, {
        lake,
        clock: Date.now,
        force: values.force === true,
        name: values.name as string | undefined,
        sensor,
        settings: {
          idleTimeoutUs: idleTimeoutS * 1e6,
          activeTimeoutUs: activeTimeoutS * 1e6,
          leavesOutDuplicates: values.dedup === true
        },
        workers: workers && Math.floor(workers),
        signal: interrupt.signal,
        onSealed: (captures) => (sealed += captures),
        onProgress: ({file, readBytes, totalBytes, packets}) =>
          bar.update(readBytes, totalBytes, `${packets.toLocaleString("en")} packets  ${file}`)
      });
    } catch (error) {
      if (interrupt.signal.aborted && error === interrupt.signal.reason)
        throw new UserError(exit.interrupted, `interrupted; ${kept(sealed)}`);
      throw error;
    } finally {
      bar.end();
      process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    }
    const scored = values["no-score"] || result.parts.length === 0 ? nothingScored : await score(lake);
    if (atHand) await send(atHand, lake, values.sensor as string | undefined);
    const {user, system} = process.cpuUsage(cpuBefore);
    const report = reportOf(result, scored, (performance.now() - began) / 1000, (user + system) / 1e6);
    console.log(json ? JSON.stringify(report) : describe(report, result));
    const code = complain(result);
    return result.isInterrupted ? exit.interrupted : code;
  }
};

/** The store that parts go to. Its code is loaded only where one is named. */
async function storeOf(url: string | undefined, keys: Invocation["storeKeys"]): Promise<StoreAtHand | null> {
  if (url === undefined && readConfiguration().store === "") return null;
  return (await import("../store.ts")).storeAtHand(url, keys);
}

async function send(atHand: StoreAtHand, lake: string, name: string | undefined): Promise<void> {
  const {sendTo} = await import("../store.ts");
  const {sensor} = readConfiguration({sensor: name});
  const tell = (words: string) => console.error(`flowbook: ${printable(words)}`);
  const left = await sendTo(atHand, lake, sensor, tell)!.finish();
  if (left !== null) tell(left);
}

/** What an interrupted import leaves. */
function kept(captures: number): string {
  if (captures === 0) return "nothing of this import was kept";
  return `${counted(captures, "capture")} ${captures === 1 ? "was" : "were"} kept, without verdicts yet`;
}

type Report = ReturnType<typeof reportOf>;

interface Scored {
  readonly verdicts: number;
  readonly notices: number;
  readonly incidents: number;
}

const nothingScored: Scored = {verdicts: 0, notices: 0, incidents: 0};

function reportOf(result: ImportResult, scored: Scored, wall: number, cpu: number) {
  const fresh = result.captures.filter(({known}) => !known).map(({row}) => row);
  const sum = (
    column:
      | "packets"
      | "duplicate_packets"
      | "left_out_packets"
      | "misdated_packets"
      | "flows"
      | "malformed"
      | "wire_bytes"
  ) => fresh.reduce((total, row) => total + Number(row[column]), 0);
  return {
    captures: result.captures.map(({row, known}) => ({
      path: row.path,
      sha256: row.capture_sha256,
      packets: Number(row.packets),
      wire_bytes: Number(row.wire_bytes),
      malformed: Number(row.malformed),
      unread: JSON.parse(row.unread) as Record<string, number>,
      flows: Number(row.flows),
      first_ts_us: row.first_ts,
      last_ts_us: row.last_ts,
      problem: row.problem,
      known
    })),
    failed: result.failed,
    skipped: result.skipped,
    packets: sum("packets"),
    flows: sum("flows"),
    malformed: sum("malformed"),
    duplicates: sum("duplicate_packets"),
    left_out: sum("left_out_packets"),
    misdated: sum("misdated_packets"),
    wire_bytes: sum("wire_bytes"),
    verdicts: scored.verdicts,
    notices: scored.notices,
    incidents: scored.incidents,
    wall_s: rounded(wall),
    cpu_s: rounded(cpu),
    packets_per_cpu_s: Math.round(sum("packets") / cpu),
    max_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024)
  };
}

function describe(report: Report, result: ImportResult): string {
  const known = result.captures.filter((capture) => capture.known).length;
  const count = (n: number) => n.toLocaleString("en");
  const lines = [
    `${counted(result.captures.length - known, "capture")} imported${known > 0 ? `, ${count(known)} in the lake already` : ""}`,
    `packets    ${count(report.packets)}`,
    `flows      ${count(report.flows)}`,
    `malformed  ${count(report.malformed)}`,
    ...(report.duplicates > 0
      ? [
          `duplicates ${count(report.duplicates)} packets captured twice, ${report.left_out > 0 ? "left out" : "counted in flows; import --force --dedup leaves them out"}`
        ]
      : []),
    ...(report.misdated > 0
      ? [
          `misdated   ${count(report.misdated)} packets more than a day from their neighbours, counted at the time before`
        ]
      : []),
    `bytes      ${count(report.wire_bytes)}`,
    `verdicts   ${count(report.verdicts)}`,
    `notices    ${count(report.notices)}`,
    `incidents  ${count(report.incidents)}`,
    `seconds    ${report.wall_s} (${count(Math.round(report.packets / report.wall_s))} packets/s)`
  ];
  return lines.join("\n");
}

/** Tells on stderr what could not be read, and of what only a part; exit code 4 where there was either. */
function complain({captures, failed, skipped}: ImportResult): ExitCode {
  if (skipped.length > 0) {
    const names = skipped.slice(0, mostNames).map(printable).join(", ") + (skipped.length > mostNames ? ", …" : "");
    const [are, captures] =
      skipped.length === 1 ? ["1 file is", "no capture"] : [`${skipped.length} files are`, "no captures"];
    console.error(`flowbook: ${are} ${captures} and left out: ${names}`);
  }
  for (const {problem} of failed) console.error(`flowbook: ${printable(problem)}`);
  let partly = 0;
  for (const {row, known} of captures) {
    if (row.problem && !known) {
      partly++;
      console.error(
        `flowbook: ${printable(row.problem)}; the ${Number(row.packets).toLocaleString("en")} packets before are kept`
      );
    }
    for (const [link, packets] of Object.entries(JSON.parse(row.unread) as Record<string, number>))
      if (!known)
        console.error(
          `flowbook: ${printable(row.path)}: ${counted(packets, "packet")} of link type ${linkTypeText(link)}, which is not read`
        );
  }
  return failed.length + partly > 0 ? exit.input : exit.ok;
}

/** Verdicts, notices and incidents for what has none yet; says why where there is no model to give verdicts. */
async function score(lake: string): Promise<Scored> {
  const [{classifyNewFlows}, {judgeLake}] = await Promise.all([
    import("../../loaders/judge/classify.ts"),
    import("../../loaders/judge/incidents.ts")
  ]);
  const {verdicts, reason} = await classifyNewFlows(lake, {clock: Date.now, anomaly: anomalySettings()});
  if (reason) console.error(`flowbook: no verdicts: ${printable(reason.message)}`);
  const {notices, incidents} = await judgeLake({lake, clock: Date.now, localNets: readConfiguration().localNets});
  return {verdicts, notices, incidents};
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
