import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import type {FastifyInstance} from "fastify";
import {afterAll, beforeAll, expect, it} from "vitest";
import {labelIncident} from "../../../alerts/reviews.ts";
import {labelTraffic, readTrafficLabels} from "../../../alerts/traffic-labels.ts";
import {joinedFlows, labelledTraffic} from "../../../cli/training/labelled-traffic.ts";
import {listIncidents} from "../../../loaders/judge/incident-list.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {verdictClasses} from "../../../schema/verdicts.ts";
import {createHttp} from "../../../server/http.ts";
import {trafficLabelRoutes} from "../../../server/routes/traffic-labels.ts";
import {trafficClasses} from "../../../src/lib/traffic-labels.ts";
import {addCapture, scan} from "../../alerts/lake.ts";

let lake: string;
let server: FastifyInstance;
let nowMs = 1_790_000_100_000;
/** The scan of each capture: its id, source, flows and time. */
let scans: readonly {readonly id: string; readonly src: string; readonly flows: number; readonly from: number}[];

beforeAll(async () => {
  lake = join(mkdtempSync(join(tmpdir(), "flowbook-traffic-labels-")), "lake");
  const clock = () => (nowMs += 1000);
  await addCapture(lake, "a.pcap", scan("a"), clock, true);
  await addCapture(lake, "b.pcap", scan("b", {from: "10.0.0.6", at: 60}), clock, true);
  const engine = await openLake(lake);
  scans = (await listIncidents(engine, {})).map(({incident_id, src_ip, flows, ts_start}) => ({
    id: incident_id,
    src: src_ip!,
    flows,
    from: ts_start
  }));
  await engine.close();
  server = createHttp();
  await server.register(trafficLabelRoutes, {lake, now: () => ++nowMs});
});
afterAll(async () => {
  await server.close();
  rmSync(join(lake, ".."), {recursive: true, force: true});
});

const counts = async (without = new Set<string>()) => {
  const {origins, labels, groups, flows, matrix} = await labelledTraffic(lake, without);
  expect([labels.length, groups.length, matrix.length % flows.rows]).toEqual([flows.rows, flows.rows, 0]);
  return origins.map(({fold, role, flows}) => [fold, role, flows]);
};
const send = async (method: "GET" | "POST" | "DELETE", url: string, payload?: object) => {
  const response = await server.inject({method, url, payload});
  return [response.statusCode, response.json()] as const;
};

it("there is nothing to learn where nothing was labelled", async () => {
  await expect(labelledTraffic(lake, new Set())).rejects.toThrow("no labelled flow");
});

it("the flows of a true incident have its class, those of a false one are ordinary", async () => {
  await labelIncident(lake, scans[0].id, "true", "", ++nowMs);
  await labelIncident(lake, scans[1].id, "false", "", ++nowMs);
  expect(await counts()).toEqual(
    expect.arrayContaining([
      ["lake a.pcap", "labels", {PortScan: scans[0].flows}],
      ["lake b.pcap", "labels", {Normal: scans[1].flows}]
    ])
  );
});

it("a later label of a host's stretch counts, and a capture that is given as a file is left out", async () => {
  const {src, from} = scans[1];
  await labelTraffic(lake, {class: "Probe", host: src, fromUs: from, toUs: from + 60e6, note: ""}, ++nowMs);
  const told = await counts();
  expect(told).toContainEqual(["lake b.pcap", "labels", {Probe: scans[1].flows}]);
  const {captures} = await labelledTraffic(lake, new Set());
  expect((await counts(new Set([captures[0]]))).length).toBe(told.length - 1);
});

it("two sets of flows are one, with hosts and captures of their own", async () => {
  const one = await labelledTraffic(lake, new Set());
  const both = joinedFlows(one, one);
  const address = (all: typeof one, row: number) => all.addresses[all.flows.source[row] % all.addresses.length];
  const last = both.flows.rows - 1;
  expect([both.flows.rows, both.origins.length]).toEqual([2 * one.flows.rows, 2 * one.origins.length]);
  expect(address(both, last)).toBe(address(one, one.flows.rows - 1));
  expect(both.flows.source[last]).not.toBe(both.flows.source[one.flows.rows - 1]);
  expect(both.capture[last]).toBe(one.capture[one.flows.rows - 1] + one.captures.length);
});

it("pages label traffic over HTTP; what cannot be is refused with the reason", async () => {
  const [status, {labels}] = await send("POST", "/api/traffic-labels", {
    class: "DoS",
    host: "10.0.0.77",
    note: " mine "
  });
  expect([status, labels.at(-1)]).toMatchObject([200, {class: "DoS", host: "10.0.0.77", fromUs: null, note: "mine"}]);
  expect((await send("POST", "/api/traffic-labels", {class: "Normal"}))[1].error).toContain(
    "all traffic has no one class"
  );
  expect((await send("POST", "/api/traffic-labels", {class: "Normal", host: "::::"}))[0]).toBe(400);
  expect((await send("POST", "/api/traffic-labels", {class: "Nice", host: "10.0.0.1"}))[0]).toBe(400);
  expect((await send("POST", "/api/traffic-labels", {class: "DoS", host: "10.0.0.1", from: 9, to: 5}))[0]).toBe(400);
  expect((await send("DELETE", `/api/traffic-labels/${labels.at(-1).id}`))[0]).toBe(200);
  expect((await send("DELETE", "/api/traffic-labels/0000000000000000"))[0]).toBe(400);
  expect((await send("GET", "/api/traffic-labels"))[1].labels).toEqual(readTrafficLabels(lake));
});

it("traffic is labelled with the classes that verdicts have", () => {
  expect(trafficClasses).toEqual(verdictClasses);
});
