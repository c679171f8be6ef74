import {mkdtempSync, readdirSync, rmSync, statSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {keptCapture} from "../../capture/import/kept-captures.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {resultPath} from "../../loaders/results/freshness-ledger.ts";
import type {Job} from "../../server/jobs.ts";
import {uploadsFolder} from "../../server/routes/captures.ts";
import {type RunningServer, startServer} from "../../server/start.ts";
import {smallCapture} from "./small-capture.ts";

const project = resolve(import.meta.dirname, "../..");
const lake = mkdtempSync(join(tmpdir(), "flowbook-upload-"));
let server: RunningServer;

beforeAll(async () => {
  const options = {lake, project, host: "127.0.0.1", port: 0, anyPort: false, publicOrigin: null};
  server = await startServer({...options, uploadLimitBytes: 1e6, settings: {}, firstCaptures: [], now: Date.now});
});
afterAll(async () => {
  await server.close();
  rmSync(lake, {recursive: true, force: true});
});

const headers = () => ({authorization: `Bearer ${server.session}`});
const ask = async (path: string) => (await fetch(server.url + path, {headers: headers()})).json();

async function send(name: string, body: Buffer): Promise<Job> {
  const url = `${server.url}/api/captures?name=${encodeURIComponent(name)}`;
  const {run} = await (await fetch(url, {method: "POST", headers: headers(), body: new Uint8Array(body)})).json();
  const job = (): Promise<Job> => ask(`/api/runs/${run}`);
  await expect.poll(async () => (await job()).finishedAtMs, {timeout: 120_000, interval: 100}).not.toBe(null);
  return job();
}

const rowsOf = async (sql: string) => {
  const engine = await openLake(lake);
  try {
    return (await engine.query(sql)).rows;
  } finally {
    await engine.close();
  }
};

it("a capture that is sent is in the lake and in the pages' data, under its sender's name", async () => {
  const events = await fetch(`${server.url}/api/events`, {headers: headers()});
  const job = await send("office.pcap", smallCapture({flows: 7, port: 5000, start: 1_700_000_000}));
  expect(job).toMatchObject({kind: "import", label: "office.pcap", state: "done", error: null});
  expect(job.summary).toMatchObject({packets: 14, flows: 7, captures: [{path: "office.pcap", packets: 14}]});
  expect(job.run?.steps.map(({name, state}) => `${name} ${state}`)).toContain("data/captures.json made");
  expect(await rowsOf("SELECT path, packets FROM captures")).toEqual([["office.pcap", 14n]]);
  expect(await rowsOf("SELECT COUNT(*), MIN(dst_port) FROM flows")).toEqual([[7n, 5000]]);
  const shown = await rowsOf("SELECT COUNT(*) FROM flows");
  expect(shown).toEqual([[7n]]);
  expect(readdirSync(uploadsFolder(lake))).toEqual([]);
  const {results} = await ask("/api/runs");
  expect(results.every(({freshness}: {freshness: string}) => freshness === "fresh")).toBe(true);
  const told = await readUntil(events, "event: results");
  expect(told).toContain('"state":"running"');
  expect(told).toContain('"state":"done"');
});

it("the packets of a capture that was sent can be shown", async () => {
  const [[capture, flow]] = await rowsOf(
    "SELECT capture_sha256, CAST(flow_id AS VARCHAR) FROM flows WHERE dst_port = 5000"
  );
  const {packets, kept, reason} = await ask(`/api/packets?capture=${capture}&flow=${flow}`);
  expect([kept, reason]).toEqual([2, null]);
  expect(packets.map(({ts}: {ts: number}) => ts)).toHaveLength(2);
  expect(statSync(keptCapture(lake, String(capture))).mode & 0o777).toBe(0o600);
});

it("a capture that breaks off is kept as far as it goes", async () => {
  const whole = smallCapture({flows: 5, port: 5001, start: 1_700_000_100});
  const job = await send("broken.pcap", whole.subarray(0, whole.length - 10));
  expect(job.state).toBe("done");
  const [{packets, problem}] = (job.summary as {captures: {packets: number; problem: string}[]}).captures;
  expect(packets).toBe(9);
  expect(problem).toContain("broken.pcap");
});

it("a file that only begins like a capture is refused with a reason that names it as its sender does", async () => {
  const job = await send("not.pcap", Buffer.concat([Buffer.from("d4c3b2a1", "hex"), Buffer.alloc(2)]));
  expect(job.state).toBe("failed");
  expect(job.error).toContain("not.pcap");
  expect(job.error).not.toContain(lake);
});

it("the lake's results are where pages are given them", async () => {
  expect(readdirSync(join(resultPath(lake, "data"))).sort()).toContain("incidents.json");
});

async function readUntil(response: Response, text: string): Promise<string> {
  const decoder = new TextDecoder();
  let seen = "";
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    seen += decoder.decode(chunk, {stream: true});
    if (seen.includes(text)) return seen;
  }
  return seen;
}

it("a capture whose name looks like an option is imported under it", async () => {
  const job = await send("-rf", smallCapture({flows: 2, port: 5001, start: 1_710_000_000}));
  expect(job).toMatchObject({label: "-rf", state: "done", error: null});
  expect(await rowsOf("SELECT path FROM captures WHERE path = '-rf'")).toEqual([["-rf"]]);
});
