import {createHash} from "node:crypto";
import {statfsSync} from "node:fs";
import type {LiveTaker} from "../../schema/live/batch.ts";
import type {LiveExamples, LiveSecond} from "../../schema/live/seconds.ts";
import type {LiveStatus} from "../../schema/live/status.ts";
import {schemaVersion} from "../../schema/tables.ts";
import type {MeterCounters, MeterSettings} from "../meter/meter.ts";
import {createMeter, defaultSettings, METER_VERSION} from "../meter/wasm-meter.ts";
import {makeFolder} from "../partitions/durable.ts";
import {closeRun, type Run} from "../partitions/run.ts";
import {openLakeWriter} from "../partitions/writer.ts";
import {ClockJump} from "./clock-jump.ts";
import {type Helper, startHelper} from "./helper.ts";
import {chooseInterface} from "./interface.ts";
import {holdInterface} from "./interface-hold.ts";
import {isLinkUp, listInterfaces} from "./interfaces.ts";
import {LinkGaps} from "./link-gaps.ts";
import {LiveTally} from "./live-tally.ts";
import {LocalNets} from "./local-nets.ts";
import {PacketRing, type RingLimits} from "./packet-ring.ts";
import {asOwner, becomeOwner, handOver, successor} from "./privilege.ts";
import {LiveProblem, writingProblem} from "./problem.ts";
import {type CaptureRequest, installedPrograms, type ProgramName, type ToldLoss} from "./programs.ts";
import {Recorder, type SealedPart} from "./recorder.ts";

/** Live flows at most: about a quarter of a GB of the meter's memory. */
const maxFlows = 1 << 18;
/** A packet is not older than this when it arrives, beside the delay of the program that brings it, in ms. */
const lateMs = 1000;
const statusEveryMs = 1000;
/** A second of packet time is taken for over this long after its end, beside the program's delay, in ms. */
const settleMs = 300;

export interface LiveOptions {
  readonly lake: string;
  /** Who captures, as `captures.sensor` keeps it; null where nobody says so. */
  readonly sensor?: string | null;
  /** Null takes the default route's. */
  readonly interface: string | null;
  /** In libpcap's filter language; empty for all packets. */
  readonly filter: string;
  readonly snaplen: number;
  readonly promiscuous: boolean;
  /** Ends after this many packets; null for no end. */
  readonly packets: number | null;
  /** Ends after this long, counted from the first moment of listening; null for no end. */
  readonly durationS: number | null;
  /** Time in s that passed before, of which up to a tenth of the duration is counted in. */
  readonly startedBeforeS?: number;
  /** A part is sealed this often. */
  readonly rotateS: number;
  /** Raw packets kept; null for none. */
  readonly ring: RingLimits | null;
  /** Takes this program instead of the best one that works. */
  readonly program: ProgramName | null;
  /** The capture ends, sealed, when less is free on the lake's disk. */
  readonly diskFloorBytes: number;
  readonly settings?: Partial<Omit<MeterSettings, "captureSeed">>;
  /** Wall clock, in ms since 1970. */
  readonly clock: () => number;
  /** A clock that is never set, in ms, which all intervals are measured by; the process's own without it. */
  readonly steady?: () => number;
  /** Any text that no other capture has: part of what the capture's hash is made of. */
  readonly nonce: string;
  readonly env: NodeJS.ProcessEnv;
  /** Ends the capture properly: what came is metered and sealed. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: LiveEvent) => void;
  /** Is offered what happened every `offerEveryMs`, to judge flows while they go on. */
  readonly onRows?: LiveTaker;
  /** A second without it. */
  readonly offerEveryMs?: number;
  /** Also tells what was on the wire second by second, with these networks (CIDR) and the interface's own as near. */
  readonly secondsFor?: readonly string[] | null;
}

export type LiveEvent =
  | {
      readonly kind: "started";
      readonly interface: string;
      readonly program: ProgramName;
      readonly loss: string;
      readonly capture: string;
      readonly atMs: number;
      /** Networks that count as near; null where seconds are not told. */
      readonly localNets: readonly string[] | null;
    }
  | ({readonly kind: "status"} & LiveStatus)
  | ({readonly kind: "second"} & LiveSecond)
  | ({readonly kind: "examples"} & LiveExamples)
  | ({readonly kind: "sealed"} & SealedPart)
  | {readonly kind: "warning"; readonly text: string};

export interface LiveSummary extends LiveStatus {
  readonly capture: string;
  readonly interface: string;
  readonly program: ProgramName;
  readonly parts: number;
  /** Why it ended otherwise than asked; null where it ended as asked. */
  readonly problem: LiveProblem | null;
}

/** A capture that is asked to stop takes in what came before, for this long at most; ms. */
const catchUpMs = 10_000;
/** Packets further behind have times of another clock; ms. */
const mostBehindMs = 60_000;

/**
 * Captures from an interface into the lake until it is told to stop, its time or number of packets is over, or it
 * cannot go on; a part is sealed every few seconds, and the rest at the end. Throws a LiveProblem where it cannot
 * begin, or where rows can no longer be written. Started as root it gives root up once the capture program runs.
 */
export async function captureLive(options: LiveOptions): Promise<LiveSummary> {
  const {lake, clock, onEvent = () => {}} = options;
  if (options.filter.startsWith("-"))
    throw new LiveProblem(
      "filter",
      `filter ${JSON.stringify(options.filter)}: begins with -`,
      "its language: man pcap-filter"
    );
  const interfaces = listInterfaces();
  const name = chooseInterface(options.interface, interfaces);
  const own = interfaces.find((one) => one.name === name)?.addresses ?? [];
  const localNets = options.secondsFor ? [...new Set([...options.secondsFor, ...own])] : null;
  const nets = localNets && new LocalNets(localNets);
  const request: CaptureRequest = {...options, interface: name};
  const settings = {...defaultSettings, maxFlows, ...options.settings};
  const capture = captureHash(options, name);
  // Before the packets come: making the meter takes a moment.
  const meter = await createMeter({...settings, captureSeed: capture});
  const next = successor(lake, options.env);
  const owner = next && "owner" in next ? next.owner : null;
  const prefix = owner && asOwner(owner);
  const helper = await firstThatWorks(options, request, prefix ?? []);
  let hold: Run | null = null;
  try {
    const kept = next && "reason" in next ? next.reason : "setpriv is not installed";
    const problem = owner && prefix ? handOver(lake, owner) : next && kept;
    if (problem !== null) onEvent({kind: "warning", text: `metering keeps root: ${problem}`});
    else if (owner) becomeOwner(owner);
    makeFolder(lake);
    const held = holdInterface(lake, request, clock());
    hold = held.run;
    for (const text of held.warnings) onEvent({kind: "warning", text});
    const program = helper.found.program;
    onEvent({
      kind: "started",
      interface: name,
      program: program.name,
      loss: program.loss,
      capture,
      atMs: clock(),
      localNets
    });
    const writer = openLakeWriter(lake, clock());
    try {
      const description = meterText(settings);
      writer.describe({"flowbook.schema_version": schemaVersion, "flowbook.meter": description});
      const tally = nets && new LiveTally(nets, clock());
      const recorder = new Recorder({
        capture: {
          sha256: capture,
          interface: name,
          format: `live/${program.name}`,
          meter: description,
          sensor: options.sensor
        },
        meter,
        writer,
        ring: options.ring && new PacketRing(lake, capture, helper.header, options.ring),
        tally,
        isJudged: options.onRows !== undefined,
        clock,
        onSealed: (part) => onEvent({kind: "sealed", ...part}),
        onRingFailure: (error) => onEvent({kind: "warning", text: `packets are no longer kept: ${error.message}`})
      });
      const about = {capture, interface: name, program: program.name};
      return await record(options, helper, recorder, meter, about, tally);
    } finally {
      await writer.close();
    }
  } catch (error) {
    throw writingProblem(error, lake);
  } finally {
    helper.stop();
    helper.bytes.close();
    await helper.ended;
    if (hold) closeRun(hold);
  }
}

/** Meters, tells and seals what a capture program brings until it ends; see `captureLive`. */
export async function record(
  options: LiveOptions,
  helper: Helper,
  recorder: Recorder,
  meter: Awaited<ReturnType<typeof createMeter>>,
  about: Pick<LiveSummary, "capture" | "interface" | "program">,
  tally: LiveTally | null
): Promise<LiveSummary> {
  const {clock, signal, durationS, startedBeforeS = 0, rotateS, onEvent = () => {}} = options;
  const {steady = () => performance.now()} = options;
  const {source, bytes, found} = helper;
  const begunMs = steady();
  const creditS = durationS === null ? 0 : Math.min(startedBeforeS, durationS / 10);
  const deadlineMs = durationS === null ? Number.POSITIVE_INFINITY : begunMs + (durationS - creditS) * 1000;
  let nextSealMs = begunMs + rotateS * 1000;
  let nextStatusMs = begunMs + statusEveryMs;
  const {onRows, offerEveryMs = 1000} = options;
  let nextOfferMs = begunMs + offerEveryMs;
  let stopAskedMs: number | null = null;
  /** When the last packets came. */
  let heardMs = begunMs;
  /** Wall clock at the stop, which packet times are compared with. */
  let stopWallMs = 0;
  const jump = new ClockJump();
  const gaps = new LinkGaps(about.interface, () => isLinkUp(about.interface));
  let problem: LiveProblem | null = null;
  const state = () => ({loss: helper.loss, receivedBytes: bytes.receivedBytes});
  const status = () => liveStatus(clock(), steady() - begunMs, meter.counters, meter.liveFlows, recorder.flows, helper);

  for (;;) {
    const more = await source.next(meter.batch);
    const nowMs = steady();
    const wallMs = clock();
    jump.look(wallMs, nowMs);
    const isQuiet = meter.batch.count === 0;
    if (!isQuiet) {
      heardMs = nowMs;
      recorder.take();
    } else if (bytes.waitingBytes === 0) recorder.advance((wallMs - found.program.delayMs - lateMs) * 1000);
    if (!more) break;
    await recorder.ready();
    if (nowMs >= nextStatusMs) {
      helper.ask();
      onEvent({kind: "status", ...status()});
      nextStatusMs = nowMs + statusEveryMs;
      // What waits may be of any second; else the clock ends the seconds of a quiet wire.
      if (bytes.waitingBytes === 0) {
        const second = Math.floor((wallMs - found.program.delayMs - settleMs) / 1000);
        if (jump.isBack(nowMs, found.program.delayMs + settleMs)) tally?.setBack(second);
        tally?.closeBefore(second);
      }
      const change = gaps.look(wallMs);
      if (change) onEvent({kind: "warning", text: change.warning});
      if (change?.gap) recorder.noteGap(change.gap);
      tellTally(tally, onEvent);
    }
    if (onRows && nowMs >= nextOfferMs && meter.counters.packets > 0) {
      const nowUs = bytes.waitingBytes === 0 ? (wallMs - found.program.delayMs) * 1000 : 0;
      if (onRows(() => recorder.told(nowUs))) nextOfferMs = nowMs + offerEveryMs;
    }
    if (nowMs >= nextSealMs && !recorder.isSealing) {
      recorder.seal(state());
      nextSealMs = nowMs + rotateS * 1000;
      problem ??= diskProblem(options);
    }
    if (stopAskedMs === null && (signal?.aborted || nowMs >= deadlineMs || problem)) {
      stopAskedMs = nowMs;
      stopWallMs = wallMs;
    }
    if (stopAskedMs !== null) {
      // What was on the wire before then is still on its way.
      const waitedMs = nowMs - stopAskedMs;
      const behindMs = stopWallMs - meter.counters.lastTs / 1000;
      const isPast = behindMs < 0 && waitedMs > 0;
      // Where metering fell behind, the kernel's buffer holds packets that nobody would count if the program ended now;
      // a full disk has no room for them.
      const mostMs = problem === null && behindMs < mostBehindMs ? catchUpMs : 2 * found.program.delayMs;
      const isDrained = isQuiet && nowMs - Math.max(stopAskedMs, heardMs) >= found.program.delayMs;
      if (isPast || isDrained || waitedMs >= mostMs) helper.stop();
    }
  }
  problem ??= await helper.ended;
  const lastGap = gaps.end();
  if (lastGap) recorder.noteGap(lastGap);
  const {captured} = helper.loss;
  const missing = captured === null || problem ? 0 : captured - meter.counters.packets;
  const loss: ToldLoss = {
    ...helper.loss,
    programDrops: missing > 0 ? missing : (helper.loss.programDrops ?? (problem ? null : 0))
  };
  await recorder.finish({...state(), loss}, problem?.message ?? null);
  tally?.closeBefore(Number.POSITIVE_INFINITY);
  tellTally(tally, onEvent);
  return {...status(), pipeDrops: loss.programDrops, ...about, parts: recorder.parts, problem};
}

function tellTally(tally: LiveTally | null, onEvent: (event: LiveEvent) => void): void {
  if (!tally) return;
  for (const second of tally.takeSeconds()) onEvent({kind: "second", ...second});
  const examples = tally.takeExamples();
  if (examples.flows.length + examples.packets.length > 0) onEvent({kind: "examples", ...examples});
}

function liveStatus(
  atMs: number,
  elapsedMs: number,
  counters: MeterCounters,
  liveFlows: number,
  flows: number,
  {loss, bytes}: Helper
): LiveStatus {
  return {
    atMs,
    seconds: elapsedMs / 1000,
    packets: counters.packets,
    wireBytes: counters.wireBytes,
    capturedBytes: counters.capturedBytes,
    malformed: counters.malformed,
    cutPackets: counters.cutPackets,
    liveFlows,
    flows,
    evictedFlows: counters.evictedFlows,
    kernelDrops: loss.kernelDrops,
    interfaceDrops: loss.interfaceDrops,
    pipeDrops: loss.programDrops,
    waitingBytes: bytes.waitingBytes,
    stalls: bytes.stalls
  };
}

/** The best installed program that captures; throws what the best of them says where none does. */
async function firstThatWorks(
  options: LiveOptions,
  request: CaptureRequest,
  prefix: readonly string[]
): Promise<Helper> {
  const programs = installedPrograms(options.program, options.env);
  if (programs.length === 0)
    throw new LiveProblem(
      "no-program",
      `${options.program ?? "neither dumpcap, tcpdump nor the cap addon"} is ${options.program ? "not " : ""}installed`,
      "on Debian: apt-get install tcpdump"
    );
  let first: unknown = null;
  for (const found of programs)
    try {
      return await startHelper(found, request, prefix);
    } catch (error) {
      first ??= error;
      // Another program may be allowed to, but will find the same filter and interface.
      if (!(error instanceof LiveProblem) || !["permission", "ended"].includes(error.kind)) throw error;
    }
  throw first;
}

/** A live capture's bytes have no end to be hashed: what it is known by is made of how it began. */
function captureHash({filter, snaplen, nonce, clock}: LiveOptions, name: string): string {
  const header = {interface: name, filter, snaplen, begun_ms: clock(), nonce};
  return createHash("sha256").update(JSON.stringify(header)).digest("hex");
}

function meterText({idleTimeoutUs, activeTimeoutUs, maxFlows}: Omit<MeterSettings, "captureSeed">): string {
  return JSON.stringify({
    version: METER_VERSION,
    idle_timeout_us: idleTimeoutUs,
    active_timeout_us: activeTimeoutUs,
    max_flows: maxFlows
  });
}

function diskProblem({lake, diskFloorBytes}: LiveOptions): LiveProblem | null {
  const {bavail, bsize} = statfsSync(lake);
  const free = bavail * bsize;
  if (free >= diskFloorBytes) return null;
  const mb = (bytes: number) => Math.round(bytes / 1e6).toLocaleString("en");
  return new LiveProblem(
    "disk-full",
    `${lake}: ${mb(free)} MB are free on the disk, less than the ${mb(diskFloorBytes)} MB kept free; all is sealed`,
    "free some space (flowbook gc --max-size removes the oldest parts), or name a lake elsewhere with --lake DIR"
  );
}
