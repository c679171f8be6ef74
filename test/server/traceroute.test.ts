import {execFileSync} from "node:child_process";
import {chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, describe, expect, it} from "vitest";
import {findTracer, type Tracer} from "../../loaders/health/tracer.ts";
import {parseHop} from "../../server/hosts/hop.ts";
import {traceRoute, validTarget} from "../../server/hosts/traceroute.ts";
import {createHttp} from "../../server/http.ts";
import {hostRoutes} from "../../server/routes/hosts.ts";
import {describeUnless, itUnless, notLinux, notRoot, onWindows} from "../needs.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-traceroute-"));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

async function trace(tracer: Tracer, target: string, timeoutMs = 60_000, onStep = (_leave: AbortController) => {}) {
  const found: unknown[] = [];
  const leave = new AbortController();
  for await (const step of traceRoute({target, tracer, timeoutMs, signal: leave.signal})) {
    found.push(step);
    onStep(leave);
  }
  return found;
}

describe("a hop", () => {
  it("is read from what traceroute prints", () => {
    expect(parseHop(" 1  10.1.0.1  0.050 ms  0.012 ms  0.010 ms")).toEqual({
      hop: 1,
      addresses: ["10.1.0.1"],
      rttMs: [0.05, 0.012, 0.01],
      lost: 0,
      note: null
    });
    expect(parseHop(" 2  * * *")).toEqual({hop: 2, addresses: [], rttMs: [], lost: 3, note: null});
    expect(parseHop(" 3  10.2.0.1  1.2 ms 10.2.0.2  1.3 ms !H *")).toEqual({
      hop: 3,
      addresses: ["10.2.0.1", "10.2.0.2"],
      rttMs: [1.2, 1.3],
      lost: 1,
      note: "!H"
    });
    expect(parseHop(" 4  2001:db8::1  12 ms  11 ms  *")?.addresses).toEqual(["2001:db8::1"]);
    expect(parseHop("traceroute to 10.0.0.1 (10.0.0.1), 30 hops max, 60 byte packets")).toBeNull();
  });

  it("is read from what tracepath and tracert print", () => {
    expect(parseHop(" 1:  10.1.0.1                                              0.071ms ")).toMatchObject({
      hop: 1,
      addresses: ["10.1.0.1"],
      rttMs: [0.071]
    });
    expect(parseHop(" 2:  no reply")).toMatchObject({hop: 2, addresses: [], lost: 1});
    expect(parseHop(" 1?: [LOCALHOST]                      pmtu 1500")).toBeNull();
    expect(parseHop("     Resume: pmtu 1500 hops 2 back 2 ")).toBeNull();
    expect(parseHop("  1    <1 ms    <1 ms    <1 ms  192.168.1.1")).toMatchObject({
      hop: 1,
      addresses: ["192.168.1.1"],
      rttMs: [1, 1, 1]
    });
    expect(parseHop("  2     *        *        *     Request timed out.")).toMatchObject({hop: 2, lost: 3});
  });
});

describe("a target", () => {
  it("is the address of one host and nothing else", () => {
    for (const target of ["8.8.8.8", "192.168.1.1", "2001:db8::1", "::1"]) expect(validTarget(target)).toBe(target);
    for (const target of [
      "-I",
      "--help",
      "localhost",
      "8.8.8.8; id",
      "$(id)",
      "8.8.8.8\n",
      " 8.8.8.8",
      "",
      "08.8.8.8",
      "1",
      "fe80::1%eth0",
      "0.0.0.0",
      "224.0.0.1",
      "255.255.255.255",
      "::",
      "ff02::1",
      "8.8.8.8 -i lo"
    ])
      expect(() => validTarget(target), JSON.stringify(target)).toThrow(
        /^(expected an IPv4 or IPv6 address|.* is not an address of one host)$/
      );
  });
});

describe("the program", () => {
  /** A program that prints its arguments and environment, then what it is told. */
  const fake = (name: string, script: string): Tracer => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return {path, args: (target) => ["-n", target]};
  };

  itUnless(onWindows)("gets the target as one argument, and none of our environment", async () => {
    process.env.FLOWBOOK_TEST_SECRET = "sesame";
    const tracer = fake("args", `echo "$# $1 $2 [$FLOWBOOK_TEST_SECRET]" >&2; echo " 1  $2  0.1 ms"`);
    expect(await trace(tracer, "192.0.2.1")).toEqual([
      {hop: 1, addresses: ["192.0.2.1"], rttMs: [0.1], lost: 0, note: null},
      {end: "reached", error: null}
    ]);
    const lost = fake("lost", `echo "$# $1 $2 [$FLOWBOOK_TEST_SECRET]" >&2; exit 1`);
    expect(await trace(lost, "192.0.2.1")).toEqual([{end: "failed", error: "2 -n 192.0.2.1 []"}]);
    delete process.env.FLOWBOOK_TEST_SECRET;
  });

  itUnless(onWindows)("is ended at the time limit, or when nobody waits any more", async () => {
    // Never ends by itself.
    const slow = fake("slow", `echo " 1  10.0.0.1  1 ms"; exec tail -f /dev/null`);
    expect((await trace(slow, "192.0.2.1", 500)).at(-1)).toEqual({end: "time limit", error: null});
    expect((await trace(slow, "192.0.2.1", 60_000, (leave) => leave.abort())).at(-1)).toMatchObject({end: "failed"});
  });

  it("that is not there fails in words", async () => {
    const missing = {path: join(folder, "missing"), args: (target: string) => [target]};
    expect(await trace(missing, "192.0.2.1")).toEqual([{end: "failed", error: expect.stringContaining("ENOENT")}]);
    expect(findTracer(folder, "aix")).toBeNull();
  });
});

describe("the route", () => {
  it("refuses other targets, says what is missing, and runs one at a time", async () => {
    const server = createHttp();
    await server.register(hostRoutes, {tracer: null});
    const post = (target: unknown) => server.inject({method: "POST", url: "/api/traceroute", payload: {target}});
    expect((await post("-I")).statusCode).toBe(400);
    expect((await post(["8.8.8.8", "-I"])).json()).toEqual({
      error: 'body.target: expected a text of 2 to 45 characters (an IPv4 or IPv6 address), found ["8.8.8.8","-I"]',
      field: "target"
    });
    expect((await post("0.0.0.0")).json()).toEqual({error: "0.0.0.0 is not an address of one host", field: "target"});
    const without = await post("192.0.2.1");
    expect([without.statusCode, without.json().error]).toEqual([
      501,
      expect.stringContaining("apt-get install traceroute")
    ]);
    await server.close();
  });

  itUnless(onWindows)("answers with hops line by line, and lets one run at a time", async () => {
    const path = join(folder, "two");
    writeFileSync(path, `#!/bin/sh\necho " 1  10.0.0.1  1 ms"; sleep 2; echo " 2  192.0.2.1  2 ms"\n`);
    chmodSync(path, 0o755);
    const server = createHttp();
    await server.register(hostRoutes, {tracer: {path, args: (target) => [target]}});
    const post = () => server.inject({method: "POST", url: "/api/traceroute", payload: {target: "192.0.2.1"}});
    const [first, second] = await Promise.all([post(), post()]);
    const answered = [first, second].find(({statusCode}) => statusCode === 200);
    expect([first.statusCode, second.statusCode].sort()).toEqual([200, 429]);
    expect(answered?.headers["content-type"]).toBe("application/x-ndjson; charset=utf-8");
    const lines = answered?.body
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines?.map(({hop, end}) => hop ?? end)).toEqual([1, 2, "reached"]);
    expect((await post()).statusCode).toBe(200);
    await server.close();
  });
});

itUnless(onWindows)("a reader who goes away ends the program", async () => {
  const [path, pidFile] = [join(folder, "endless"), join(folder, "pid")];
  writeFileSync(path, `#!/bin/sh\necho $$ > ${pidFile}\necho " 1  10.0.0.1  1 ms"\nexec sleep 60\n`);
  chmodSync(path, 0o755);
  const server = createHttp();
  await server.register(hostRoutes, {tracer: {path, args: (target) => [target]}});
  const url = await server.listen({host: "127.0.0.1", port: 0});
  const leaving = new AbortController();
  const init = {method: "POST", headers: {"content-type": "application/json"}, body: '{"target":"192.0.2.1"}'};
  const response = await fetch(`${url}/api/traceroute`, {...init, signal: leaving.signal});
  await response.body?.getReader().read();
  const pid = Number(readFileSync(pidFile, "utf8"));
  const isThere = () => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  expect(isThere()).toBe(true);
  leaving.abort();
  await expect.poll(isThere).toBe(false);
  await server.close();
});

/** Why no network of two hops can be made here; null where it can. */
function noNetwork(): string | null {
  if (notLinux ?? notRoot) return notLinux ?? notRoot;
  if (!findTracer()) return "no traceroute is installed";
  try {
    execFileSync("ip", ["netns", "add", `fbtr${process.pid}x`], {stdio: "ignore"});
    execFileSync("ip", ["netns", "del", `fbtr${process.pid}x`], {stdio: "ignore"});
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
const without = noNetwork();

describeUnless(without)("over a network of our own", () => {
  const [near, router, far] = ["n", "r", "f"].map((name) => `fbtr${process.pid}${name}`);
  const ip = (...args: string[]) => execFileSync("ip", args, {stdio: "pipe"});
  const inside = (name: string, tracer: Tracer): Tracer => ({
    path: "ip",
    args: (target) => ["netns", "exec", name, tracer.path, ...tracer.args(target)]
  });

  beforeAll(() => {
    for (const name of [near, router, far]) {
      ip("netns", "add", name);
      ip("-n", name, "link", "set", "lo", "up");
    }
    const cable = (a: string, aLink: string, aAddress: string, b: string, bLink: string, bAddress: string) => {
      ip("-n", a, "link", "add", aLink, "type", "veth", "peer", "name", bLink, "netns", b);
      for (const [name, link, address] of [
        [a, aLink, aAddress],
        [b, bLink, bAddress]
      ]) {
        ip("-n", name, "addr", "add", address, "dev", link, ...(address.includes(":") ? ["nodad"] : []));
        ip("-n", name, "link", "set", link, "up");
      }
    };
    cable(near, "fbt1", "10.203.1.2/24", router, "fbt2", "10.203.1.1/24");
    cable(router, "fbt3", "10.203.2.1/24", far, "fbt4", "10.203.2.2/24");
    execFileSync("ip", ["netns", "exec", router, "sysctl", "-qw", "net.ipv4.ip_forward=1"], {stdio: "ignore"});
    // A router answers no more than a few times a second unless it is told to.
    execFileSync("ip", ["netns", "exec", router, "sysctl", "-qw", "net.ipv4.icmp_ratelimit=0"], {stdio: "ignore"});
    execFileSync("ip", ["netns", "exec", far, "sysctl", "-qw", "net.ipv4.icmp_ratelimit=0"], {stdio: "ignore"});
    ip("-n", near, "route", "add", "default", "via", "10.203.1.1");
    ip("-n", far, "route", "add", "default", "via", "10.203.2.1");
  });
  afterAll(() => {
    for (const name of [near, router, far]) ip("netns", "del", name);
  });

  it("finds the router and the host behind it", async () => {
    const found = await trace(inside(near, findTracer() as Tracer), "10.203.2.2");
    expect(found.map((step) => ({...(step as object), rttMs: undefined}))).toEqual([
      {hop: 1, addresses: ["10.203.1.1"], lost: 0, note: null},
      {hop: 2, addresses: ["10.203.2.2"], lost: 0, note: null},
      {end: "reached", error: null}
    ]);
    const times = (found as {rttMs?: number[]}[]).flatMap(({rttMs}) => rttMs ?? []);
    expect([times.length >= 2, times.every((ms) => ms > 0 && ms < 1000)]).toEqual([true, true]);
  });

  it("says that a host does not answer", async () => {
    const tracer = inside(near, {...(findTracer() as Tracer), args: (target) => ["-n", "-m", "3", "-w", "1", target]});
    const found = await trace(tracer, "10.203.2.77");
    expect(found[0]).toMatchObject({hop: 1, addresses: ["10.203.1.1"]});
    expect((found.at(-1) as {end: string}).end).not.toBe("reached");
  });
});
