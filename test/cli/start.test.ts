import {type ChildProcess, spawn} from "node:child_process";
import {existsSync, mkdtempSync, rmSync} from "node:fs";
import {type AddressInfo, createServer} from "node:net";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, expect, it} from "vitest";

const checkout = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "flowbook-start-"));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, {recursive: true, force: true});
});

/** Runs `flowbook start` with a lake of its own. */
function start(...args: string[]) {
  const command = [
    join(checkout, "bin/flowbook.js"),
    "start",
    "--no-open",
    "--no-demo",
    "--lake",
    join(folder, "lake")
  ];
  const child = spawn(process.execPath, [...command, ...args], {stdio: ["ignore", "pipe", "pipe"]});
  children.push(child);
  const said = {out: "", err: ""};
  child.stdout.on("data", (data) => (said.out += data));
  child.stderr.on("data", (data) => (said.err += data));
  const ended = new Promise<number | null>((ended) => child.on("close", ended));
  return {child, said, ended};
}

it("prints one line with a link that opens the notebook once it answers, and ends when it is told to", async () => {
  const {child, said, ended} = start("--port", "0");
  await expect.poll(() => said.out.includes("\n") || child.exitCode !== null, {timeout: 120_000}).toBe(true);
  const [, link] = /^flowbook: (http:\/\/127\.0\.0\.1:\d+\/login\?token=\S+)\n$/.exec(said.out) ?? [];
  expect(link, said.err).toBeDefined();
  const {origin} = new URL(link);
  expect((await fetch(`${origin}/api/health`)).status).toBe(401);
  const cookie = (await fetch(link)).headers.get("set-cookie")!.split(";")[0];
  const health = await fetch(`${origin}/api/health`, {headers: {cookie}});
  expect(await health.json()).toEqual({status: "ok", running: 0});
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(said.out.split("\n")).toHaveLength(2);
  expect(existsSync(join(folder, "lake/.results/lock"))).toBe(false);
});

it("says that a port is taken, and what to do", async () => {
  const other = createServer();
  await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening));
  const {port} = other.address() as AddressInfo;
  const {said, ended} = start("--port", String(port));
  expect(await ended).toBe(3);
  expect(said.err).toContain(`port ${port} of 127.0.0.1 is taken by another program`);
  expect(said.err).toContain(`flowbook start --port ${port + 1}`);
  expect(said.out).toBe("");
  other.close();
});

it("does not let other machines in without TLS in front", async () => {
  const {said, ended} = start("--host", "0.0.0.0");
  expect(await ended).toBe(2);
  expect(said.err).toContain("--public-origin https://");
});

it("takes only https for what is in front", async () => {
  const {said, ended} = start("--host", "0.0.0.0", "--public-origin", "http://notes.example");
  expect(await ended).toBe(2);
  expect(said.err).toContain("expected https://HOST[:PORT], found http://notes.example");
});
