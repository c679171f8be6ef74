import {type ChildProcess, execFileSync, spawn, spawnSync} from "node:child_process";
import {once} from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, expect, it} from "vitest";
import {closedTo} from "../../capture/live/privilege.ts";
import type {CaptureProcess} from "../../server/live/capture-process.ts";
import {type ParentNews, serveLaunches} from "../../server/live/parent-launch.ts";
import {absentUnless, describeUnless, noProgram, notRoot} from "../needs.ts";
import {smallCapture} from "../server/small-capture.ts";

const checkout = resolve(import.meta.dirname, "../..");
const program = join(checkout, "bin/flowbook.js");
const folder = mkdtempSync(join(tmpdir(), "flowbook-root-"));
chmodSync(folder, 0o755);
const demo = join(folder, "small.pcap");
writeFileSync(demo, smallCapture({flows: 20, port: 5000, start: 1_700_000_000}));
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(folder, {recursive: true, force: true});
});

const nobody = {uid: 65_534, gid: 65_534};
const closed = notRoot ? null : closedTo(nobody, join(folder, "lake"), checkout);
const reason = notRoot ?? absentUnless(closed === null, `other users cannot pass ${closed}`) ?? noProgram("setpriv");

/** Owners of a folder and of everything in it. */
const owners = (path: string) => [
  ...new Set(
    [path, ...readdirSync(path, {recursive: true, encoding: "utf8"}).map((name) => join(path, name))].map(
      (one) => statSync(one).uid
    )
  )
];

describeUnless(reason)("started as root", () => {
  const {SUDO_UID: _, SUDO_GID: __, FLOWBOOK_KEEPS_ROOT: ___, ...env} = process.env;
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [program, ...args], {cwd: folder, env, encoding: "utf8"});

  it("an import reads and judges as the user nobody, who owns the lake afterwards", () => {
    // As by default: neither the lake nor the folder above it is there.
    const lake = join(folder, "imported/lake");
    const {status, stdout, stderr} = run("import", demo, "--lake", lake, "--json");
    expect([status, stderr]).toEqual([0, ""]);
    const {flows, verdicts} = JSON.parse(stdout);
    expect([flows, verdicts]).toEqual([20, 20]);
    expect(owners(lake)).toEqual([65_534]);
    // What root writes into it is given to its owner.
    expect(run("run", "--lake", lake).status).toBe(0);
    expect(owners(lake)).toEqual([65_534]);
  });

  it("an import into the lake of another user is that user's", () => {
    const lake = join(folder, "lake of 1234");
    mkdirSync(lake);
    execFileSync("chown", ["1234:1234", lake]);
    expect(run("import", demo, "--lake", lake).status).toBe(0);
    expect(owners(lake)).toEqual([1234]);
  });

  it("an import of a file that only root may read keeps root, says so, and leaves the lake to its owner", () => {
    const lake = join(folder, "imported/lake");
    const secret = join(folder, "root's.pcap");
    copyFileSync(demo, secret);
    chmodSync(secret, 0o600);
    const {status, stderr} = run("import", secret, "--force", "--lake", lake);
    expect([status, stderr]).toEqual([0, `flowbook: metering keeps root: other users cannot read ${secret}\n`]);
    expect(owners(lake)).toEqual([65_534]);
  });

  it("start serves, imports, queries and captures as nobody; the process that stays root only starts captures", async () => {
    const lake = join(folder, "served");
    const child = spawn(
      process.execPath,
      [program, "start", "--no-demo", "--no-open", "--json", "--port", "0", "--lake", lake],
      {
        cwd: folder,
        env,
        stdio: ["ignore", "pipe", "inherit"]
      }
    );
    started.push(child);
    const [printed] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
    const {url, link} = JSON.parse(printed) as {url: string; link: string};
    const cookie = (await fetch(link)).headers.get("set-cookie")?.split(";")[0] ?? "";
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(url + path, {...init, headers: {cookie, origin: url, ...init.headers}});
    const post = (path: string, body: object) =>
      ask(path, {method: "POST", body: JSON.stringify(body), headers: {"content-type": "application/json"}});

    const sent = await ask("/api/captures?name=sent.pcap", {
      method: "POST",
      body: readFileSync(demo),
      headers: {"content-type": "application/octet-stream"}
    });
    const {run: id} = (await sent.json()) as {run: number};
    const state = async () => ((await (await ask(`/api/runs/${id}`)).json()) as {state: string}).state;
    await expect.poll(state, {timeout: 60_000}).toBe("done");
    const query = await post("/api/query", {sql: "SELECT count(*) AS flows FROM verdicts"});
    expect(await query.json()).toMatchObject({rows: [{flows: 20}]});

    expect((await post("/api/live/start", {interface: "lo", filter: "udp port 7099"})).status).toBeLessThan(300);
    const live = async () => (await (await ask("/api/live")).json()) as {phase: string; problem: unknown; end: unknown};
    await expect.poll(async () => (await live()).phase, {timeout: 30_000}).toBe("running");
    const below = descendants(child.pid!);
    expect(below.length).toBeGreaterThan(3);
    expect(userOf(child.pid!)).toBe(0);
    await expect.poll(() => [...new Set(descendants(child.pid!).map(userOf))]).toEqual([65_534]);
    expect((await post("/api/live/stop", {})).status).toBeLessThan(300);
    await expect.poll(async () => (await live()).phase, {timeout: 30_000}).toBe("idle");
    expect((await live()).problem).toBe(null);
    expect(owners(lake)).toEqual([65_534]);

    // Nothing of it outlives the process that was started.
    const pids = descendants(child.pid!);
    child.kill("SIGKILL");
    await expect.poll(() => pids.filter((pid) => existsSync(`/proc/${pid}`)), {timeout: 20_000}).toEqual([]);
  });

  it("start says of a port that needs root that root is given up before", () => {
    const {status, stderr} = run("start", "--port", "81", "--no-open", "--lake", join(folder, "low"));
    expect([status, stderr.split("\n")[0]]).toEqual([
      5,
      "flowbook: port 81 needs root, which is given up before the notebook is served"
    ]);
  });
});

it("the process that starts captures takes no other arguments than those of a request, and four captures at most", () => {
  const launched: (readonly string[])[] = [];
  const told: ParentNews[] = [];
  const capture = {
    onOutput() {},
    onError() {},
    signal() {},
    ended: new Promise(() => {}),
    pid: 1
  } as unknown as CaptureProcess;
  const serve = serveLaunches(
    (args) => {
      launched.push(args);
      return capture;
    },
    (news) => told.push(news)
  );
  const fine = ["--interface=lo", "--filter=udp", "--no-promiscuous", "--duration=5"];
  const wrong: unknown[] = [
    ["--lake=/etc"],
    ["--program=dumpcap", "-w/etc/x"],
    ["--lake", "/etc"],
    ["--disk-floor=0"],
    "--interface=lo",
    [["--interface=lo"]],
    [7],
    undefined
  ];
  for (const [id, args] of wrong.entries()) serve({kind: "capture", id, args});
  for (const message of [
    {},
    {kind: "signal", id: 1, name: "SIGHUP"},
    {kind: "capture", id: "x", args: []},
    {kind: "exec", id: 9}
  ])
    serve(message);
  expect([launched, told.length]).toEqual([[], wrong.length]);
  for (let id = 100; id < 106; id++) serve({kind: "capture", id, args: fine});
  expect(launched).toEqual([fine, fine, fine, fine]);
  expect(told.slice(-2).map(({id, kind}) => [id, kind])).toEqual([
    [104, "ended"],
    [105, "ended"]
  ]);
});

/** Processes below a process (Linux). */
function descendants(pid: number): number[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, fields] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${name}/stat`, "utf8")) ?? [];
        return fields ? [[Number(name), Number(fields.split(" ")[1])] as const] : [];
      } catch {
        return [];
      }
    });
  const below = (of: number): number[] =>
    parents.filter(([, parent]) => parent === of).flatMap(([one]) => [one, ...below(one)]);
  return below(pid);
}

/** Effective user of a process; null where it has ended. */
function userOf(pid: number): number | null {
  try {
    return Number(/^Uid:\t\d+\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return null;
  }
}
