import type {
  CaptureWish,
  LiveMessage,
  LiveProblemWords,
  LiveRun,
  LiveState,
  LossSecond,
  ScoredTotals,
  ScoreStep
} from "../../schema/live/messages.ts";
import type {CaptureIncident, EndNews, FlowVerdict} from "../../schema/live/news.ts";
import type {RecentFlow} from "../../schema/live/recent-flow.ts";
import type {LiveSecond, RecentPacket} from "../../schema/live/seconds.ts";
import type {LiveStatus} from "../../schema/live/status.ts";
import {type CaptureChild, type ChildNews, startChild} from "./capture-child.ts";
import {type Launch, launchChild} from "./capture-process.ts";
import {LossSteps} from "./loss-steps.ts";
import {KeyedRing, Ring} from "./ring.ts";
import {captureArguments} from "./start-request.ts";

/** A quarter of an hour is kept for charts. */
const keptSeconds = 900;
const keptRuns = 12;
const kept = {flows: 120, packets: 60, verdicts: 400, scores: 400, warnings: 10};
const tickMs = 1000;
/** A capture that was asked to end with the server is killed after this long. */
const patienceMs = 20_000;

export interface LiveCaptureOptions {
  readonly lake: string;
  /** What runs as `flowbook`. */
  readonly command: readonly string[];
  /** Starts captures in another way than as children of this process. */
  readonly launch?: Launch;
  /** Wall clock, in ms since 1970. */
  readonly now: () => number;
  /** A clock that is never set, in ms; the process's own without it. */
  readonly steady?: () => number;
  /** Called when a capture is over, sealed or not. */
  readonly onEnd?: () => void;
  /** Any text that no other server has. */
  readonly epoch: string;
}

/**
 * The capture that pages start and stop, at most one at a time, and what there is to tell of it: a quarter of an hour of
 * seconds and a few examples, each with the number of the message it went out with, so that whoever was away gets what
 * changed meanwhile. All of it is bounded.
 */
export class LiveCapture {
  readonly #options: LiveCaptureOptions;
  readonly #listeners = new Set<(message: LiveMessage, id: string) => void>();
  readonly #timer: NodeJS.Timeout;
  /** Number of the message that collects what happens now. */
  #at = 1;
  #child: CaptureChild | null = null;
  #phase: LiveState["phase"] = "idle";
  #runs: LiveRun[] = [];
  #totals: LiveStatus | null = null;
  #losses = new LossSteps();
  #scored = nothingScored();
  #incidentsTotal = 0;
  #incidentsGrave = 0;
  #problem: LiveProblemWords | null = null;
  #warnings: string[] = [];
  #end: EndNews | null = null;
  #heardMs = 0;
  #incidents: {at: number; list: readonly CaptureIncident[]} = {at: 0, list: []};
  readonly #seconds = new Ring<LiveSecond>(keptSeconds);
  readonly #lossSeconds = new Ring<LossSecond>(keptSeconds);
  readonly #scores = new Ring<ScoreStep>(kept.scores);
  readonly #packets = new Ring<RecentPacket>(kept.packets);
  readonly #flows = new KeyedRing<RecentFlow>(kept.flows);
  readonly #verdicts = new KeyedRing<FlowVerdict>(kept.verdicts);

  constructor(options: LiveCaptureOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), tickMs).unref();
  }

  #steady(): number {
    return (this.#options.steady ?? (() => performance.now()))();
  }

  /** Where the capture stands. */
  get state(): LiveState {
    const isAlive = this.#phase === "running" || this.#phase === "stopping";
    return {
      phase: this.#phase,
      runs: this.#runs,
      totals: this.#totals,
      scored: this.#scored,
      incidentsTotal: this.#incidentsTotal,
      incidentsGrave: this.#incidentsGrave,
      problem: this.#problem,
      warnings: this.#warnings,
      silentS: isAlive ? Math.max(0, Math.floor((this.#steady() - this.#heardMs) / 1000)) : 0,
      end: this.#end
    };
  }

  /** Process id of the capture, null where none runs. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Starts a capture; false where one is at work already. */
  start(wish: CaptureWish): boolean {
    if (this.#phase !== "idle") return false;
    const {lake, command, now, launch = launchChild(command, lake)} = this.#options;
    this.#phase = "starting";
    this.#totals = null;
    this.#losses = new LossSteps();
    this.#scored = nothingScored();
    this.#incidentsTotal = 0;
    this.#incidentsGrave = 0;
    this.#incidents = {at: this.#at, list: []};
    this.#problem = null;
    this.#warnings = [];
    this.#end = null;
    const run: LiveRun = {
      request: wish,
      askedAtMs: now(),
      startedAtMs: null,
      endedAtMs: null,
      interface: wish.interface,
      program: null,
      loss: null,
      localNets: [],
      told: {kernel: false, interface: false, pipe: false},
      lateDrops: null
    };
    this.#runs = [...this.#runs, run].slice(-keptRuns);
    const child = startChild(launch, captureArguments(wish), (news) => this.#hear(news));
    this.#child = child;
    void child.ended.then(({how, said}) => this.#over(how, said));
    this.#tell();
    return true;
  }

  /** Asks the capture to end; false where none is at work. */
  stop(): boolean {
    if (!this.#child) return false;
    if (this.#phase !== "stopping") {
      this.#phase = "stopping";
      this.#child.stop();
      this.#tell();
    }
    return true;
  }

  /** All that changed after the message of that id; all there is where the id is not one of this server's. */
  since(id: string | null): {message: LiveMessage; id: string} {
    const [epoch, number] = (id ?? "").split(".");
    const isKnown = epoch === this.#options.epoch && /^\d+$/.test(number ?? "") && Number(number) < this.#at;
    // What happens now is told with the message of this number, and once only.
    const complete = this.#at - 1;
    const message = this.#message(isKnown ? Number(number) : 0, complete, !isKnown);
    return {message, id: `${this.#options.epoch}.${complete}`};
  }

  subscribe(listener: (message: LiveMessage, id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends the capture, if one runs, and the messages. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const child = this.#child;
    if (!child) return;
    child.stop();
    const timer = setTimeout(() => child.kill(), patienceMs);
    await child.ended;
    clearTimeout(timer);
  }

  #hear(news: ChildNews): void {
    this.#heardMs = this.#steady();
    const at = this.#at;
    switch (news.kind) {
      case "started":
        if (this.#phase === "starting") this.#phase = "running";
        this.#changeRun({
          startedAtMs: news.atMs,
          interface: news.interface,
          program: news.program,
          loss: news.loss,
          localNets: news.localNets ?? []
        });
        return;
      case "status":
        this.#totals = news;
        this.#lossSeconds.push(at, this.#losses.take(news));
        return;
      case "second":
        this.#seconds.push(at, news);
        return;
      case "examples":
        for (const flow of news.flows) this.#flows.set(at, flow.id, flow);
        for (const packet of news.packets) this.#packets.push(at, packet);
        return;
      case "scored": {
        const {atMs, scored, suspicious, anomalyScored, anomalous, reason} = news;
        if (scored > 0) this.#scores.push(at, {atMs, scored, suspicious, anomalyScored, anomalous});
        this.#scored = {
          scored: this.#scored.scored + scored,
          suspicious: this.#scored.suspicious + suspicious,
          anomalyScored: this.#scored.anomalyScored + anomalyScored,
          anomalous: this.#scored.anomalous + anomalous,
          reason,
          packetToVerdictP95Ms: this.#scored.packetToVerdictP95Ms
        };
        for (const verdict of news.verdicts) this.#verdicts.set(at, verdict.flow, verdict);
        for (const flow of news.suspects) this.#flows.set(at, flow.id, flow);
        return;
      }
      case "verdicts":
        for (const verdict of news.verdicts) this.#verdicts.set(at, verdict.flow, verdict);
        for (const flow of news.suspects) this.#flows.set(at, flow.id, flow);
        this.#scored = {...this.#scored, packetToVerdictP95Ms: news.packetToVerdictP95Ms};
        return;
      case "incidents":
        this.#incidentsTotal = news.total;
        this.#incidentsGrave = news.grave;
        this.#incidents = {at, list: news.incidents};
        return;
      case "warning":
        this.#warnings = [...this.#warnings, news.text].slice(-kept.warnings);
        return;
      case "failed":
        this.#problem = {kind: news.problem, message: news.message, hint: news.hint};
        return;
      case "ended":
        this.#end = news;
        if (news.problem !== null) this.#problem ??= {kind: "ended", message: news.problem, hint: null};
        this.#totals = this.#totals && endTotals(this.#totals, news);
        this.#changeRun({
          lateDrops: this.#losses.untold(news),
          told: {
            kernel: news.kernel_drops !== null,
            interface: news.interface_drops !== null,
            pipe: news.pipe_drops !== null
          }
        });
        return;
    }
  }

  #over(how: string | null, said: string): void {
    this.#child = null;
    this.#phase = "idle";
    this.#changeRun({endedAtMs: this.#options.now()});
    if (how !== null && !this.#problem && !this.#end) {
      const words = said.replace(/^npm warn .*$/gm, "").trim();
      this.#problem = {
        kind: "died",
        message: `the capture ${how}${words ? `: ${words}` : ""}`,
        hint: "parts already written are kept; packets after the last part are lost"
      };
    }
    this.#tell();
    this.#options.onEnd?.();
  }

  #changeRun(change: Partial<LiveRun>): void {
    const last = this.#runs.at(-1);
    if (last) this.#runs = [...this.#runs.slice(0, -1), {...last, ...change}];
  }

  #message(after: number, upTo: number, isWhole: boolean): LiveMessage {
    return {
      isWhole,
      nowMs: this.#options.now(),
      state: this.state,
      seconds: this.#seconds.between(after, upTo),
      losses: this.#lossSeconds.between(after, upTo),
      scores: this.#scores.between(after, upTo),
      flows: this.#flows.between(after, upTo),
      packets: this.#packets.between(after, upTo),
      verdicts: this.#verdicts.between(after, upTo),
      incidents: isWhole || this.#incidents.at > after ? this.#incidents.list : null
    };
  }

  /** At most a message a second, beside those of a start, a stop and an end; each is also a sign of life. */
  #tick(): void {
    this.#tell();
  }

  #tell(): void {
    const number = this.#at++;
    if (this.#listeners.size === 0) return;
    const message = this.#message(number - 1, number, false);
    for (const listener of this.#listeners) listener(message, `${this.#options.epoch}.${number}`);
  }
}

/** The totals as they were after the last packet, which the last status of a second did not see. */
function endTotals(totals: LiveStatus, end: EndNews): LiveStatus {
  return {
    ...totals,
    packets: end.packets,
    wireBytes: end.wire_bytes,
    malformed: end.malformed,
    cutPackets: end.cut_packets,
    flows: end.flows,
    liveFlows: 0,
    evictedFlows: end.evicted_flows,
    kernelDrops: end.kernel_drops,
    interfaceDrops: end.interface_drops,
    pipeDrops: end.pipe_drops
  };
}

function nothingScored(): ScoredTotals {
  return {scored: 0, suspicious: 0, anomalyScored: 0, anomalous: 0, reason: null, packetToVerdictP95Ms: null};
}
