import {spawn} from "node:child_process";
import {createSocket} from "node:dgram";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import type {AddressInfo} from "node:net";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {afterAll, afterEach, describe, expect, it} from "vitest";
import {openLake} from "../../loaders/lake/duckdb.ts";
import type {CaptureWish, LiveMessage} from "../../schema/live/messages.ts";
import {createHttp} from "../../server/http.ts";
import {LiveCapture} from "../../server/live/live-capture.ts";
import {liveRoutes} from "../../server/routes/live.ts";
import {itUnless, noProgram, notRoot} from "../needs.ts";

const project = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "flowbook-live-server-"));
const fake = [process.execPath, join(import.meta.dirname, "live-fake.js")];
const real = [process.execPath, join(project, "bin/flowbook.js")];
const open: LiveCapture[] = [];
let made = 0;

afterEach(async () => {
  for (const capture of open.splice(0)) await capture.close();
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

function liveCapture(command: readonly string[] = fake): LiveCapture {
  const capture = new LiveCapture({lake: join(folder, `lake${made++}`), command, now: Date.now, epoch: `e${made}`});
  open.push(capture);
  return capture;
}

const wish = (filter: string, more: Partial<CaptureWish> = {}): CaptureWish => ({
  interface: null,
  filter,
  promiscuous: true,
  snaplen: null,
  durationS: null,
  packets: null,
  program: null,
  ...more
});

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("a capture of the server", () => {
  it("runs once at a time, stops by SIGTERM, and can be started again", async () => {
    const capture = liveCapture();
    expect([capture.state.phase, capture.start(wish("")), capture.start(wish(""))]).toEqual(["idle", true, false]);
    await expect.poll(() => capture.state.phase).toBe("running");
    expect(capture.state.runs.at(-1)).toMatchObject({interface: "fake0", program: "dumpcap", endedAtMs: null});
    await expect.poll(() => capture.state.totals?.packets).toBe(10);
    expect([capture.stop(), capture.state.phase, capture.start(wish(""))]).toEqual([true, "stopping", false]);
    await expect.poll(() => capture.state.phase).toBe("idle");
    expect([capture.state.problem, capture.state.end?.kind, capture.stop()]).toEqual([null, "ended", false]);
    expect(capture.start(wish(""))).toBe(true);
    await expect.poll(() => capture.state.phase).toBe("running");
    expect(capture.state.runs.length).toBe(2);
  });

  it("that may not capture tells the command that grants it", async () => {
    const capture = liveCapture();
    capture.start(wish("denied"));
    await expect.poll(() => capture.state.phase).toBe("idle");
    expect(capture.state.problem).toEqual({
      kind: "permission",
      message: "no permission to capture on fake0 with dumpcap",
      hint: "sudo setcap cap_net_raw,cap_net_admin=eip /usr/bin/dumpcap"
    });
  });

  it("that dies is told within three of the messages that come each second, by its code and last words or by its signal", async () => {
    const capture = liveCapture();
    capture.start(wish("crash"));
    await expect.poll(() => capture.state.phase).toBe("idle");
    expect(capture.state.problem?.message).toBe("the capture ended with code 139: segmentation of a fault");
    capture.start(wish(""));
    await expect.poll(() => capture.state.phase).toBe("running");
    await expect.poll(() => capture.state.totals?.packets).toBe(10);
    let told = 0;
    const idle = new Promise<LiveMessage>((resolve) => {
      capture.subscribe((message) => {
        told++;
        if (message.state.phase === "idle") resolve(message);
      });
    });
    process.kill(capture.pid!, "SIGKILL");
    const {state} = await idle;
    expect(told).toBeLessThanOrEqual(3);
    expect(state.problem).toMatchObject({kind: "died", message: "the capture was ended by SIGKILL"});
  });

  it("tells an incident again when its text grows, and not while it stays the same", async () => {
    const capture = liveCapture();
    const told: (readonly string[] | null)[] = [];
    capture.subscribe(({incidents}) => told.push(incidents?.map(({summary}) => summary) ?? null));
    capture.start(wish("growing"));
    await expect.poll(() => told.at(-1)).toEqual(["40 ports"]);
    await expect.poll(() => told.at(-1)).toBe(null);
    expect(told.filter((list) => list && list.length > 0)).toEqual([["20 ports"], ["40 ports"]]);
  });

  it("that says nothing is told to be silent", async () => {
    const capture = liveCapture();
    capture.start(wish(""));
    await expect.poll(() => capture.state.phase).toBe("running");
    await expect.poll(() => capture.state.silentS).toBeGreaterThanOrEqual(2);
  });

  it("keeps a quarter of an hour of seconds, and reads on after a line without measure", async () => {
    const capture = liveCapture();
    capture.start(wish("many"));
    await expect.poll(() => capture.state.totals?.packets).toBe(10);
    await expect
      .poll(() => capture.since(null).message.seconds.map(({second}) => second))
      .toEqual(Array.from({length: 900}, (_, n) => 1_700_002_100 + n));
    await capture.close();
    const other = liveCapture();
    other.start(wish("long-line"));
    await expect.poll(() => other.state.totals?.packets).toBe(10);
  });

  it("tells losses by the second, and those that only its end told as late", async () => {
    const capture = liveCapture();
    capture.start(wish("dropping"));
    const losses = () =>
      capture
        .since(null)
        .message.losses.map(({second, kernel, interface: nic, meter}) => [second - 1_700_000_000, kernel, nic, meter]);
    await expect.poll(losses).toEqual([
      [1, 5, null, 0],
      [2, 7, null, 3],
      [1, null, null, 0]
    ]);
    capture.stop();
    await expect.poll(() => capture.state.phase).toBe("idle");
    expect(capture.state.runs.at(-1)?.lateDrops).toEqual({kernel: 8, interface: 0, pipe: 0});
  });

  it("tells who was away what changed meanwhile, each second once, and all to who comes from another server", async () => {
    const capture = liveCapture();
    const seen: number[] = [];
    const first = capture.since(null);
    expect(first.message.isWhole).toBe(true);
    let last = first.id;
    const leave = capture.subscribe((message, id) => {
      seen.push(...message.seconds.map(({second}) => second));
      last = id;
    });
    capture.start(wish("many"));
    await expect.poll(() => seen.length).toBeGreaterThan(0);
    leave();
    capture.stop();
    await expect.poll(() => capture.state.phase).toBe("idle");
    // Its one second comes after those of the first, of which some may not have been told yet.
    capture.start(wish("later"));
    await expect.poll(() => capture.since(last).message.seconds.at(-1)?.second).toBe(1_700_100_000);
    const {message} = capture.since(last);
    expect(message.isWhole).toBe(false);
    seen.push(...message.seconds.map(({second}) => second));
    expect(seen.filter((second) => second === 1_700_100_000).length).toBe(1);
    expect(seen.length).toBe(new Set(seen).size);
    expect(capture.since("other.3").message.isWhole).toBe(true);
    expect(capture.since("e999999.1e9").message.isWhole).toBe(true);
  });

  it("ends with the server, however that ends: closed, or killed", async () => {
    const capture = liveCapture();
    capture.start(wish(""));
    await expect.poll(() => capture.state.phase).toBe("running");
    const pid = capture.pid!;
    await capture.close();
    expect(isAlive(pid)).toBe(false);
    const script = join(folder, "server.mts");
    writeFileSync(
      script,
      `import {LiveCapture} from ${JSON.stringify(join(project, "server/live/live-capture.ts"))};
       const capture = new LiveCapture({lake: ${JSON.stringify(folder)}, command: ${JSON.stringify(fake)}, now: Date.now, epoch: "x"});
       capture.subscribe(({state}) => state.phase === "running" && console.log(capture.pid));
       capture.start(${JSON.stringify(wish(""))});
       setInterval(() => {}, 1000);`
    );
    const server = spawn(process.execPath, [`--import=${import.meta.resolve("tsx")}`, script], {
      stdio: ["ignore", "pipe", "inherit"]
    });
    const child = await new Promise<number>((resolve) =>
      server.stdout.once("data", (text: Buffer) => resolve(Number.parseInt(String(text), 10)))
    );
    expect(isAlive(child)).toBe(true);
    server.kill("SIGKILL");
    await expect.poll(() => isAlive(child)).toBe(false);
  });
});

describe("the routes of a live capture", () => {
  async function routes(command: readonly string[] = fake) {
    const capture = liveCapture(command);
    const server = createHttp();
    await server.register(liveRoutes, {capture, headers: {"x-kept": "yes"}});
    const post = async (url: string, payload?: object) => {
      const response = await server.inject({method: "POST", url, payload});
      return [response.statusCode, response.json().error ?? null, response.json().field ?? null];
    };
    return {capture, server, post};
  }

  it("refuse what is no capture, field by field, before anything is started", async () => {
    const {post, capture, server} = await routes();
    expect(await post("/api/live/start", {interface: "nosuch0"})).toEqual([
      400,
      expect.stringContaining('there is no interface "nosuch0"'),
      "interface"
    ]);
    const field = async (body: object) => (await post("/api/live/start", body)).filter((_, n) => n !== 1);
    expect(await field({interface: "-w/tmp/x"})).toEqual([400, "interface"]);
    expect(await field({filter: "-w /tmp/x"})).toEqual([400, "filter"]);
    expect(await field({filter: "udp\nport 1"})).toEqual([400, "filter"]);
    expect(await field({filter: 7})).toEqual([400, "filter"]);
    expect(await field({filter: "u".repeat(5000)})).toEqual([400, "filter"]);
    expect(await field({durationS: -1})).toEqual([400, "durationS"]);
    expect(await field({packets: 1.5})).toEqual([400, "packets"]);
    expect(await field({snaplen: 10})).toEqual([400, "snaplen"]);
    expect(await field({promiscuous: "yes"})).toEqual([400, "promiscuous"]);
    expect(await field({program: "/bin/sh"})).toEqual([400, "program"]);
    expect(await field({lake: "/etc"})).toEqual([400, "lake"]);
    expect(await post("/api/live/stop")).toEqual([409, "no capture is at work", null]);
    expect([capture.state.phase, capture.state.runs]).toEqual(["idle", []]);
    await server.close();
  });

  itUnless(noProgram("tcpdump"))("refuse a wrong filter in libpcap's own words", async () => {
    const {post, server} = await routes();
    expect(await post("/api/live/start", {filter: "tcp port 99999"})).toEqual([
      400,
      "illegal port number 99999 > 65535",
      "filter"
    ]);
    expect(await post("/api/live/start", {filter: "tcp and"})).toEqual([
      400,
      "can't parse filter expression: syntax error",
      "filter"
    ]);
    await server.close();
  });

  it("refuse a second start while one is at work, and name it", async () => {
    const {post, capture, server} = await routes();
    expect((await post("/api/live/start", {}))[0]).toBe(202);
    await expect.poll(() => capture.state.phase).toBe("running");
    expect(await post("/api/live/start", {})).toEqual([
      409,
      "a capture on fake0 is at work already: stop it before another starts",
      null
    ]);
    expect((await post("/api/live/stop"))[0]).toBe(202);
    await server.close();
    expect(capture.state.phase).toBe("idle");
  });

  it("stream a message at once and then one a second, and end the stream with the server", async () => {
    const {capture, server} = await routes();
    await server.listen({host: "127.0.0.1", port: 0});
    const {port} = server.server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/api/live/events`);
    expect([response.headers.get("content-type"), response.headers.get("x-kept")]).toEqual([
      "text/event-stream",
      "yes"
    ]);
    let text = "";
    const reading = (async () => {
      const reader = response.body!.getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) text += Buffer.from(part.value);
    })();
    const messages = () =>
      text
        .split("\n")
        .filter((line) => line.startsWith("data: "))
        .map((line) => JSON.parse(line.slice(6)) as LiveMessage);
    await expect.poll(() => messages().length).toBeGreaterThanOrEqual(5);
    expect(messages()[0]).toMatchObject({isWhole: true, state: {phase: "idle"}});
    const told = messages().map(({nowMs}) => nowMs);
    // By the server's own clock: never sooner than after a second, and no later where nothing holds the machine up.
    const gapsMs = told.slice(2).map((ms, n) => ms - told[n + 1]);
    expect([Math.min(...gapsMs) > 900, Math.min(...gapsMs) < 1500], `${gapsMs} ms`).toEqual([true, true]);
    expect(capture.state.phase).toBe("idle");
    await server.close();
    await reading.catch(() => {});
  });

  const mayNotCapture = notRoot ?? noProgram("tcpdump");

  itUnless(mayNotCapture)(
    "start a capture that counts every packet sent, second by second, and seals it when stopped",
    async () => {
      const {post, capture, server} = await routes(real);
      const port = 47_100 + Math.floor(Math.random() * 800);
      expect(await post("/api/live/start", {interface: "lo", filter: `udp dst port ${port}`})).toEqual([
        202,
        null,
        null
      ]);
      await expect.poll(() => capture.state.phase).toBe("running");
      const socket = createSocket("udp4");
      for (let n = 0; n < 700; n++) {
        await new Promise((sent) => socket.send(Buffer.alloc(58), port, "127.0.0.1", sent));
        if (n % 20 === 0) await sleep(50);
      }
      socket.close();
      await expect.poll(() => capture.state.totals?.packets).toBe(700);
      expect((await post("/api/live/stop"))[0]).toBe(202);
      await expect.poll(() => capture.state.phase).toBe("idle");
      expect(capture.state).toMatchObject({
        problem: null,
        end: {packets: 700, flows: 1, kernel_drops: 0, pipe_drops: 0}
      });
      const sum = (pick: (second: LiveMessage["seconds"][number]) => number) =>
        capture.since(null).message.seconds.reduce((total, second) => total + pick(second), 0);
      await expect.poll(() => [sum(({volume}) => volume[0]), sum(({volume}) => volume[1])]).toEqual([700, 70_000]);
      await expect.poll(() => capture.since(null).message.flows.every(({isOver}) => isOver)).toBe(true);
      const {seconds, flows, packets} = capture.since(null).message;
      expect(sum(({directions}) => directions[2][0])).toBe(700);
      expect(seconds.every(({second}, n) => n === 0 || second === seconds[n - 1].second + 1)).toBe(true);
      expect(flows).toMatchObject([{dstPort: port, packets: 700, bytes: 70_000, isOver: true}]);
      expect(packets.every(({flow}) => flow === flows[0].id)).toBe(true);
      const engine = await openLake(join(folder, `lake${made - 1}`));
      const {rows} = await engine.query("SELECT sum(src_pkts + dst_pkts), count(*) FROM flows");
      await engine.close();
      expect(rows[0].map(Number)).toEqual([700, 1]);
      await server.close();
    }
  );

  itUnless(mayNotCapture)("end a capture after its duration, within a second", async () => {
    const {post, capture, server} = await routes(real);
    expect((await post("/api/live/start", {interface: "lo", filter: "udp port 9", durationS: 4}))[0]).toBe(202);
    await expect.poll(() => capture.state.end?.seconds, {timeout: 60_000}).toBeGreaterThan(3);
    expect(capture.state.end?.seconds).toBeLessThan(5);
    await expect.poll(() => capture.state.phase).toBe("idle");
    expect(capture.state.problem).toBe(null);
    await server.close();
  });

  itUnless(mayNotCapture)("tell of a missing privilege with the command that grants it", async () => {
    const without = ["setpriv", "--bounding-set=-net_raw,-net_admin", "--inh-caps=-all", "--"];
    const {post, capture, server} = await routes([...without, ...real]);
    await post("/api/live/start", {interface: "lo"});
    await expect.poll(() => capture.state.phase).toBe("idle");
    expect(capture.state.problem).toMatchObject({
      kind: "permission",
      hint: expect.stringMatching(/^sudo setcap cap_net_raw,cap_net_admin=eip \//)
    });
    await server.close();
  });
});
