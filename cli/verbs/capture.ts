import {randomUUID} from "node:crypto";
import {AlertDesk} from "../../alerts/desk.ts";
import {transportsOf} from "../../alerts/transports/index.ts";
import {captureLive, type LiveEvent, type LiveSummary} from "../../capture/live/capture-live.ts";
import {LiveProblem} from "../../capture/live/problem.ts";
import {type ProgramName, programNames} from "../../capture/live/programs.ts";
import {parsePart} from "../../capture/partitions/layout.ts";
import {LiveScoring, type ScoringResult} from "../../loaders/live/live-scoring.ts";
import {scoredParts} from "../../loaders/live/live-verdicts.ts";
import type {ProblemNews, ScoringNews} from "../../schema/live/news.ts";
import type {ProblemKind} from "../../schema/live/problem-kind.ts";
import type {LiveStatus} from "../../schema/live/status.ts";
import {ageOption, numberOption, sizeOption} from "../amounts.ts";
import {readConfiguration} from "../configuration.ts";
import {EndingSignals} from "../ending-signals.ts";
import {incidentNews, verdictNews} from "../live-news.ts";
import {nearest} from "../nearest.ts";
import {printable} from "../progress.ts";
import {type ExitCode, exit, type Invocation, UserError, type Verb} from "../verb.ts";

/** Flows whose verdicts are looked up for lists at most. */
const mostShownFlows = 400;

const exitOf: Readonly<Record<ProblemKind, ExitCode>> = {
  permission: exit.permission,
  "no-program": exit.configuration,
  "unknown-interface": exit.usage,
  "interface-down": exit.input,
  "interface-gone": exit.input,
  "captured-already": exit.configuration,
  filter: exit.usage,
  "disk-full": exit.limit,
  ended: exit.input
};

export const verb: Verb = {
  name: "capture",
  usage:
    "[-i INTERFACE] [-f FILTER] [--duration S] [-c PACKETS] [-s BYTES] [-p] [--rotate S] [--ring-size SIZE] [--ring-age AGE] [--sensor NAME] [--store s3://…]",
  options: {
    interface: {type: "string", short: "i"},
    filter: {type: "string", short: "f"},
    duration: {type: "string"},
    count: {type: "string", short: "c"},
    snaplen: {type: "string", short: "s"},
    "no-promiscuous": {type: "boolean", short: "p"},
    rotate: {type: "string"},
    "ring-size": {type: "string"},
    "ring-age": {type: "string"},
    "max-age": {type: "string"},
    "max-size": {type: "string"},
    "disk-floor": {type: "string"},
    program: {type: "string"},
    sensor: {type: "string"},
    store: {type: "string"},
    "no-score": {type: "boolean"},
    events: {type: "boolean"},
    "end-with-stdin": {type: "boolean"}
  },
  help: {
    interface: "-i: interface, or any (default: the interface of the default route)",
    filter: "-f: only packets that match this libpcap filter (man pcap-filter)",
    duration: "seconds after which the capture ends (start-up counts for at most a tenth)",
    count: "-c: number of packets after which the capture ends",
    snaplen: "-s: maximum bytes captured of each packet (default 262144)",
    "no-promiscuous": "-p: do not put the interface into promiscuous mode",
    rotate: "seconds between parts; pages show a part once it is written (default 5)",
    "ring-size": "maximum size of the raw packets stored: 500M, 10G; 0 stores none (default 256M)",
    "ring-age": "how long raw packets are stored (default 1h)",
    "max-age": "remove parts of the lake older than this (default: no limit)",
    "max-size": "remove the oldest parts of the lake beyond this size (default: no limit)",
    "disk-floor": "end when less than this is free on the disk of the lake (default 256M)",
    program: `capture program to use: ${programNames.join(", ")}`,
    sensor: "name of this machine among those that fill a lake (default: the setting sensor, else the machine's name)",
    store:
      "also send the parts to this object store (default: the setting store); while it is away they wait in the lake",
    "no-score": "do not score flows or detect incidents",
    events: "print events as lines of JSON on stdout every second, then the summary",
    "end-with-stdin": "end and write everything when standard input is closed (for a parent program that may die)"
  },
  writesParts: true,
  async run(invocation) {
    const {values, lake, json} = invocation;
    if (invocation.positionals.length > 0)
      throw new UserError(
        exit.usage,
        `capture: found ${JSON.stringify(invocation.positionals[0])}; a filter is given with -f`
      );
    const {idleTimeoutS, activeTimeoutS, localNets, alerts, sensor, store} = readConfiguration({
      sensor: values.sensor as string | undefined
    });
    const ringBytes = sizeOption(values["ring-size"], "ring-size") ?? 256e6;
    const url = (values.store as string | undefined) ?? store;
    const stores = url === "" ? null : await import("../store.ts");
    const atHand = stores && (await stores.storeAtHand(url, invocation.storeKeys));
    const events = values.events === true;
    const score = values["no-score"] !== true;
    const isTerminal = process.stderr.isTTY === true;
    const warn = (text: string) => tell({kind: "warning", text});
    const sending = stores?.sendTo(atHand, lake, sensor, warn);
    const scoring = new LiveScoring({
      lake,
      score,
      localNets,
      idleTimeoutS,
      retention: {
        maxAgeS: ageOption(values["max-age"], "max-age"),
        maxBytes: sizeOption(values["max-size"], "max-size")
      },
      clock: Date.now,
      onWarning: warn,
      ...(events
        ? {
            async onScored(parts, reason) {
              const scored = await scoredParts(lake, parts, [...shown]);
              for (const {flow} of scored.verdicts) shown.delete(flow);
              print({kind: "scored", atMs: Date.now(), reason, ...scored});
            },
            onIncidents: (incidents) => print(incidentNews(incidents)),
            onFindings: (findings) => {
              if (findings.scored > 0) print(verdictNews(findings, Date.now()));
            }
          }
        : {})
    });
    const transports = transportsOf(alerts, invocation.secrets);
    const desk = new AlertDesk({lake, settings: alerts, transports, link: () => null, now: Date.now, onWarning: warn});
    let run: string | null = null;
    let begun = false;
    /** Flows that lists show now, whose verdicts are looked up; oldest first. */
    const shown = new Set<string>();
    const print = (event: LiveEvent | ScoringNews | ProblemNews) => console.log(JSON.stringify(event));
    const tell = (event: LiveEvent) => {
      if (event.kind === "started") {
        begun = true;
        scoring.begin(event.capture);
        // Not before: by now root is given up, and no notice of this capture is there yet.
        void desk.start();
      }
      if (event.kind === "examples") {
        for (const {id} of event.flows) shown.add(id);
        for (const {flow} of event.packets) if (flow !== null) shown.add(flow);
        for (const id of shown) {
          if (shown.size <= mostShownFlows) break;
          shown.delete(id);
        }
      }
      if (event.kind === "sealed") {
        run = parsePart(event.part).run;
        scoring.add(event.part, event.flows);
        sending?.poke();
      }
      if (events) print(event);
      else if (event.kind === "started")
        console.error(`flowbook: capturing on ${event.interface} with ${event.program} (${event.loss})`);
      else if (event.kind === "warning") console.error(`flowbook: ${printable(event.text)}`);
      else if (event.kind === "status" && isTerminal) process.stderr.write(`\r${statusLine(event)}\x1b[K`);
    };
    const ending = new EndingSignals(process, (code) => process.exit(code));
    const fail = (problem: LiveProblem) => {
      ending.fail(exitOf[problem.kind]);
      // At once: closing takes a while, and nobody may wait for its end.
      if (events) print(problemNews(problem));
    };
    // Whoever read the events is gone: what came is sealed, and nobody is told.
    process.stdout.on("error", () => ending.stop());
    process.stderr.on("error", () => ending.stop());
    const stdin = values["end-with-stdin"] === true ? process.stdin.on("close", () => ending.stop()).resume() : null;
    let summary: LiveSummary;
    try {
      summary = await captureLive({
        lake,
        sensor,
        interface: (values.interface as string | undefined) ?? null,
        filter: (values.filter as string | undefined) ?? "",
        snaplen: numberOption(values.snaplen, "snaplen", 262_144, 60, 262_144),
        promiscuous: values["no-promiscuous"] !== true,
        packets: numberOption(values.count, "count", null, 1, Number.MAX_SAFE_INTEGER),
        durationS: numberOption(values.duration, "duration", null, 0.1, 1e9),
        // Node's own start and ours: what a user waits for is the command.
        startedBeforeS: process.uptime(),
        rotateS: numberOption(values.rotate, "rotate", 5, 0.2, 3600),
        ring: ringBytes > 0 ? {bytes: ringBytes, ageS: ageOption(values["ring-age"], "ring-age") ?? 3600} : null,
        program: programOf(values),
        diskFloorBytes: sizeOption(values["disk-floor"], "disk-floor") ?? 256e6,
        settings: {idleTimeoutUs: idleTimeoutS * 1e6, activeTimeoutUs: activeTimeoutS * 1e6},
        clock: Date.now,
        nonce: randomUUID(),
        env: process.env,
        signal: ending.signal,
        onEvent: tell,
        onRows: score ? (make) => scoring.offer(make, [...shown]) : undefined,
        secondsFor: events ? localNets : null
      });
    } catch (error) {
      // Whatever it was: nothing may keep the process alive, and a signal must end it again.
      stdin?.destroy();
      if (error instanceof LiveProblem) fail(error);
      else ending.fail(error instanceof UserError ? error.code : exit.internal);
      if (begun) await Promise.allSettled([scoring.finish(run), desk.close(), sending?.finish()]);
      ending.over(exit.internal);
      if (error instanceof RangeError && error.message.startsWith("local network"))
        throw new UserError(exit.configuration, `local_nets: ${error.message}`, {cause: error});
      throw error instanceof LiveProblem ? userError(error) : error;
    } finally {
      if (isTerminal && !events) process.stderr.write("\r\x1b[K");
    }
    if (summary.problem) fail(summary.problem);
    const report = reportOf(summary, await scoring.finish(run));
    const left = await sending?.finish();
    if (left) warn(left);
    await desk.close();
    if (events) console.log(JSON.stringify({kind: "ended", ...report}));
    else console.log(json ? JSON.stringify(report) : describe(report));
    stdin?.destroy();
    ending.over(exit.ok);
    if (summary.problem) throw userError(summary.problem);
    if (summary.packets === 0)
      console.error(
        `flowbook: no packet came on ${summary.interface} in ${summary.seconds.toFixed(1)} s: is it the right interface (flowbook interfaces)${values.filter ? ", does the filter select any" : ""}?`
      );
    return exit.ok;
  }
};

function programOf(values: Invocation["values"]): ProgramName | null {
  const name = values.program as string | undefined;
  if (name === undefined) return null;
  const found = programNames.find((one) => one === name);
  if (!found)
    throw new UserError(exit.usage, `capture: no program ${name}${nearest(name, programNames)}`, {
      hint: `programs: ${programNames.join(", ")}`
    });
  return found;
}

function problemNews({kind, message, hint}: LiveProblem): ProblemNews {
  return {kind: "failed", problem: kind, message, hint, exit: exitOf[kind]};
}

function userError({kind, message, hint}: LiveProblem): UserError {
  return new UserError(exitOf[kind], message, hint === null ? undefined : {hint});
}

type Report = ReturnType<typeof reportOf>;

function reportOf(summary: LiveSummary, scored: ScoringResult) {
  return {
    capture: summary.capture,
    interface: summary.interface,
    program: summary.program,
    seconds: summary.seconds,
    packets: summary.packets,
    wire_bytes: summary.wireBytes,
    malformed: summary.malformed,
    cut_packets: summary.cutPackets,
    kernel_drops: summary.kernelDrops,
    interface_drops: summary.interfaceDrops,
    pipe_drops: summary.pipeDrops,
    stalls: summary.stalls,
    flows: summary.flows,
    evicted_flows: summary.evictedFlows,
    parts: summary.parts,
    verdicts: scored.verdicts,
    notices: scored.notices,
    incidents: scored.incidents,
    merged_parts: scored.merged,
    removed_parts: scored.removed,
    end_to_verdict_p95_ms: scored.delay.endP95Ms,
    packet_to_verdict_p95_ms: scored.packetDelay?.p95Ms ?? scored.delay.packetP95Ms,
    first_verdict_p95_ms: scored.packetDelay?.firstP95Ms ?? null,
    problem: summary.problem?.message ?? null
  };
}

function statusLine({packets, flows, liveFlows, kernelDrops, seconds}: LiveStatus): string {
  const count = (n: number) => n.toLocaleString("en");
  const lost = kernelDrops === null ? "loss not reported yet" : `${count(kernelDrops)} lost`;
  return `${Math.round(seconds)} s  ${count(packets)} packets  ${count(flows)} flows, ${count(liveFlows)} under way  ${lost}`;
}

function describe(report: Report): string {
  const count = (n: number | null, unit = "") => (n === null ? "unknown" : `${n.toLocaleString("en")}${unit}`);
  return [
    `packets    ${count(report.packets)} in ${report.seconds.toFixed(1)} s on ${report.interface}`,
    `dropped    by kernel ${count(report.kernel_drops)}, by interface ${count(report.interface_drops)}, in the pipe ${count(report.pipe_drops)}`,
    `flows      ${count(report.flows)} in ${count(report.parts)} parts`,
    `malformed  ${count(report.malformed)}`,
    `bytes      ${count(report.wire_bytes)}`,
    `verdicts   ${count(report.verdicts)}`,
    `notices    ${count(report.notices)}`,
    `incidents  ${count(report.incidents)}`,
    ...(report.end_to_verdict_p95_ms === null
      ? []
      : [
          `delay      95 % of the flows had their verdict ${count(report.packet_to_verdict_p95_ms, " ms")} after their last packet, ${count(report.end_to_verdict_p95_ms, " ms")} after their end in the lake`
        ])
  ].join("\n");
}
