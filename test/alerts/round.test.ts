import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, beforeEach, describe, expect, it} from "vitest";
import {keptEntries, readLog, writeLog} from "../../alerts/delivery-log.ts";
import {gather} from "../../alerts/gather.ts";
import type {Message} from "../../alerts/message.ts";
import {acknowledge, readReviews, suppress} from "../../alerts/reviews.ts";
import {alertRound, type Round, retries} from "../../alerts/round.ts";
import {type AlertSettings, noAlerts} from "../../alerts/settings.ts";
import {alertsFolder, newState, readState, stateLimits, writeState} from "../../alerts/state.ts";
import type {Transport} from "../../alerts/transports/index.ts";
import {listIncidents} from "../../loaders/judge/incident-list.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {demoHashes} from "../../loaders/results/demo-captures.ts";
import {cpuMs} from "../cpu.ts";
import {listed, startUs} from "./incidents.ts";
import {addCapture, scan} from "./lake.ts";

let folder: string;
let lakes = 0;
let lake: string;
let nowMs: number;
const now = () => nowMs;
/** Runs of a lake are named by their time, so that of imports goes on. */
let lakeMs = 1_790_000_000_000;
const clock = () => (lakeMs += 1000);
const later = (s: number) => {
  nowMs += s * 1000;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-alerts-"));
});
beforeEach(() => {
  lake = join(folder, `lake${lakes++}`);
  nowMs = 1_795_255_200_000;
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

/** A destination that keeps what it gets, and fails while it is `down`. */
function inbox(name: Transport["name"] = "webhook") {
  const got: Message[] = [];
  const box = {
    got,
    down: false,
    transport: {
      name,
      destination: "nowhere",
      protection: "none",
      async send(message: Message) {
        if (box.down) throw new Error("nowhere: the connection was refused");
        got.push(message);
      }
    } satisfies Transport
  };
  return box;
}

let ids = 0;
const round = (boxes: {transport: Transport}[], settings: Partial<AlertSettings> = {}, look = true): Promise<Round> =>
  alertRound({
    lake,
    settings: {...noAlerts, ...settings},
    transports: boxes.map(({transport}) => transport),
    link: "http://127.0.0.1:3000",
    now,
    newId: () => `message-${++ids}`,
    look
  });
const told = ({got}: {got: Message[]}) => got.map(({incidents}) => incidents.map(({rule, src}) => `${rule} ${src}`));

describe("a round of alerts", () => {
  it("takes what lies in the lake at first as known, then tells what is new, once", async () => {
    const box = inbox();
    await addCapture(lake, "old.pcap", scan("a"), clock);
    expect(await round([box])).toEqual({delivered: 0, failed: 0, nextMs: null});
    await addCapture(lake, "new.pcap", scan("b", {from: "10.0.0.6"}), clock);
    expect(await round([box])).toMatchObject({delivered: 1});
    expect(await round([box])).toMatchObject({delivered: 0});
    expect(told(box)).toEqual([["port_scan 10.0.0.6"]]);
    expect(box.got[0]).toMatchObject({createdMs: nowMs, more: 0, link: "http://127.0.0.1:3000"});
    expect(readLog(lake, 10).map(({event, text, incidents}) => [event, text, incidents])).toEqual([
      ["delivered", null, 1],
      ["begun", "alerts began; 1 incidents were there before and are not told", 0]
    ]);
  });

  it("never tells of the captures that come with the project", async () => {
    const box = inbox();
    const settings = {intervalS: 0};
    await round([box]);
    const [demo] = demoHashes();
    const staged = scan("a").map((flow) => ({...flow, capture_sha256: demo}));
    await addCapture(lake, "demo.pcap", staged, clock);
    await addCapture(lake, "own.pcap", scan("b", {from: "10.0.0.6"}), clock);
    await round([box], settings);
    expect(told(box)).toEqual([["port_scan 10.0.0.6"]]);
    expect(readState(lake)?.seen.length).toBe(1);
  });

  it("gathers what comes within the interval into one message", async () => {
    const box = inbox();
    await round([box]);
    await addCapture(lake, "a.pcap", scan("a"), clock);
    await round([box], {intervalS: 300});
    later(10);
    await addCapture(lake, "b.pcap", scan("b", {from: "10.0.0.6"}), clock);
    const before = await round([box], {intervalS: 300});
    await addCapture(lake, "c.pcap", scan("c", {from: "10.0.0.7"}), clock);
    await round([box], {intervalS: 300});
    expect([before.nextMs, told(box).length]).toEqual([nowMs + 290_000, 1]);
    later(290);
    expect(await round([box], {intervalS: 300}, false)).toMatchObject({delivered: 1, nextMs: null});
    expect(told(box)).toEqual([["port_scan 10.0.0.5"], ["port_scan 10.0.0.6", "port_scan 10.0.0.7"]]);
  });

  it("is quiet while the incident goes on in a growing capture or in another one", async () => {
    const box = inbox();
    const settings = {intervalS: 0, quietS: 900};
    await round([box]);
    await addCapture(lake, "a.pcap", scan("a"), clock);
    await round([box], settings);
    await addCapture(lake, "a.pcap", [...scan("a"), ...scan("a", {at: 100, to: "192.0.2.11"})], clock);
    await round([box], settings);
    await addCapture(lake, "b.pcap", scan("b", {at: 950}), clock);
    await round([box], settings);
    expect(told(box)).toEqual([["port_scan 10.0.0.5"]]);
    await addCapture(lake, "c.pcap", scan("c", {at: 5000}), clock);
    await round([box], settings);
    expect(told(box)).toEqual([["port_scan 10.0.0.5"], ["port_scan 10.0.0.5"]]);
    expect(readState(lake)?.counts).toMatchObject({told: 2, messages: 2, left: 0});
  });

  it("leaves alone what lies below the threshold, is muted, acknowledged or suppressed", async () => {
    const box = inbox();
    await round([box]);
    await addCapture(lake, "a.pcap", scan("a"), clock);
    await round([box], {severity: "high"});
    await addCapture(lake, "b.pcap", scan("b", {from: "10.0.0.6"}), clock);
    await round([box], {mute: ["port_scan"]});
    await addCapture(lake, "c.pcap", scan("c", {from: "10.0.0.7"}), clock);
    await suppress(
      lake,
      {rule: null, src: "10.0.0.7", dst: null, reason: "our scanner", untilMs: nowMs + 1000},
      "s",
      nowMs
    );
    await round([box]);
    await addCapture(lake, "d.pcap", scan("d", {from: "10.0.0.8"}), clock);
    const engine = await openLake(lake);
    const fourth = (await listIncidents(engine)).find(({src_ip}) => src_ip === "10.0.0.8");
    await engine.close();
    await acknowledge(lake, fourth?.incident_id ?? "", "mine", nowMs);
    await round([box]);
    later(2);
    await addCapture(lake, "e.pcap", scan("e", {from: "10.0.0.7", at: 9000}), clock);
    await round([box]);
    expect(told(box)).toEqual([["port_scan 10.0.0.7"]]);
    expect(readState(lake)?.counts).toMatchObject({left: 4, told: 1});
  });

  it("does not repeat to one destination what another could not get", async () => {
    const [up, down] = [inbox("smtp"), inbox("webhook")];
    down.down = true;
    await round([up, down]);
    await addCapture(lake, "a.pcap", scan("a"), clock);
    expect(await round([up, down])).toMatchObject({delivered: 1, failed: 1, nextMs: nowMs + retries.firstMs});
    later(retries.firstMs / 1000);
    down.down = false;
    expect(await round([up, down], {}, false)).toMatchObject({delivered: 1, nextMs: null});
    expect([up.got.length, down.got.length, up.got[0].id === down.got[0].id]).toEqual([1, 1, true]);
    expect(readState(lake)?.fates).toEqual({
      smtp: {deliveredMs: nowMs - 30_000, failedMs: null, error: null},
      webhook: {deliveredMs: nowMs, failedMs: nowMs - 30_000, error: null}
    });
  });

  it("tries again after pauses that double, and gives up in the end, with a line for each", async () => {
    const box = inbox();
    box.down = true;
    await round([box]);
    await addCapture(lake, "a.pcap", scan("a"), clock);
    const pauses: number[] = [];
    for (let next: number | null = nowMs; next !== null; ) {
      pauses.push((next - nowMs) / 1000);
      nowMs = next;
      next = (await round([box], {}, pauses.length === 1)).nextMs;
    }
    expect(pauses).toEqual([0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    expect(readState(lake)).toMatchObject({
      queue: [],
      counts: {failedTries: 10, givenUp: 1, delivered: 0},
      fates: {webhook: {error: "nowhere: the connection was refused", failedMs: nowMs}}
    });
    const [last, ...others] = readLog(lake, 20);
    expect(last).toEqual({
      atMs: nowMs,
      event: "given up",
      transport: "webhook",
      message: `message-${ids}`,
      incidents: 1,
      text: "nowhere: the connection was refused"
    });
    expect(others.filter(({event}) => event === "failed").length).toBe(9);
  });

  it("goes on where a killed process stopped: under the same id, with nothing lost", async () => {
    const box = inbox();
    await round([box]);
    await addCapture(lake, "a.pcap", scan("a"), clock);
    const kill = {...box.transport, send: () => Promise.reject(new Error("killed"))};
    await round([{transport: kill}]);
    later(60);
    await round([box]);
    expect(told(box)).toEqual([["port_scan 10.0.0.5"]]);
    // A state that was cut short is put aside; what lies in the lake counts as known then.
    writeFileSync(join(alertsFolder(lake), "state.json"), '{"version":1,"seen":[');
    await round([box]);
    expect([told(box).length, existsSync(join(alertsFolder(lake), "state.json.damaged"))]).toEqual([1, true]);
  });

  it("drops and counts what a destination that is no longer set would get", async () => {
    const box = inbox();
    box.down = true;
    await round([box]);
    await addCapture(lake, "a.pcap", scan("a"), clock);
    await round([box]);
    await round([inbox("smtp")], {}, false);
    expect(readState(lake)).toMatchObject({queue: [], counts: {givenUp: 1}});
  });

  it("pushes the oldest out of a full queue, and counts it", async () => {
    const box = inbox();
    box.down = true;
    await round([box]);
    const old = {id: "old", createdMs: 0, incidents: [], more: 0, link: null};
    const queue = Array.from({length: stateLimits.queue}, (_, i) => ({
      transport: "webhook" as const,
      message: {...old, id: `old-${i}`},
      tries: 1,
      nextMs: nowMs + 60_000
    }));
    writeState(lake, {...newState, queue});
    await addCapture(lake, "a.pcap", scan("a"), clock);
    await round([box]);
    const state = readState(lake);
    expect([state?.queue.length, state?.queue[0].message.id, state?.counts.pushedOut]).toEqual([100, "old-1", 1]);
    expect(readLog(lake, 5).map(({event, message}) => [event, message])).toContainEqual(["pushed out", "old-0"]);
  });

  it("keeps state and log to their owner", async () => {
    await round([inbox()]);
    if (process.platform === "win32") return;
    expect(statSync(alertsFolder(lake)).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(alertsFolder(lake)))
      expect([name, statSync(join(alertsFolder(lake), name)).mode & 0o777]).toEqual([name, 0o600]);
  });
});

describe("what is gathered", () => {
  const many = (count: number) =>
    Array.from({length: count}, (_, i) =>
      listed({incident_id: String(i).padStart(16, "0"), src_ip: `10.1.${i >> 8}.${i & 255}`, ts_start: startUs + i})
    );

  it("is bounded, and what is more is counted", () => {
    const state = gather(newState, many(500), noAlerts, readReviews(lake), nowMs);
    expect([state.waiting.length, state.waitingMore, state.counts.crowdedOut, state.seen.length]).toEqual([
      200, 300, 300, 500
    ]);
    const told = gather({...newState, told: state.told}, many(1500), noAlerts, readReviews(lake), nowMs);
    expect(told.told.length).toBe(stateLimits.told);
  });

  it("takes CPU time in proportion to the notices of one target", () => {
    const all = Array.from({length: 20_000}, (_, i) =>
      listed({incident_id: String(i).padStart(16, "0"), src_ip: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`})
    );
    const gatherTwice = (count: number) => {
      const some = all.slice(0, count);
      const state = gather(newState, some, noAlerts, readReviews(lake), nowMs);
      const again = gather(state, some, noAlerts, readReviews(lake), nowMs);
      expect([again.counts, again.seen.length]).toEqual([state.counts, count]);
    };
    gatherTwice(1000);
    const few = Math.min(...[1, 2, 3].map(() => cpuMs(() => gatherTwice(2000))));
    // Ten times as many would take a hundred times as long if each was compared with each.
    expect(cpuMs(() => gatherTwice(20_000)) / few).toBeLessThan(40);
  });

  it("is forgotten with the lake's own notices", () => {
    const state = gather(newState, many(5), noAlerts, readReviews(lake), nowMs);
    expect(gather(state, many(2), noAlerts, readReviews(lake), nowMs).seen.length).toBe(2);
  });
});

describe("the log", () => {
  it("is cut to the newest thousand entries, and a torn line is left out", () => {
    const entry = (atMs: number) =>
      ({atMs, event: "failed", transport: "smtp", message: "m", incidents: 1, text: "x"}) as const;
    for (let k = 0; k < 2; k++)
      writeLog(
        lake,
        Array.from({length: keptEntries}, (_, i) => entry(k * keptEntries + i))
      );
    const path = join(alertsFolder(lake), "log.jsonl");
    expect(readFileSync(path, "utf8").trimEnd().split("\n").length).toBe(1000);
    writeFileSync(path, '{"atMs":1', {flag: "a"});
    expect(readLog(lake, 1)).toEqual([entry(2 * keptEntries - 1)]);
  });
});
