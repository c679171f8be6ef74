import {chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, expect, it} from "vitest";
import {checkMachine} from "../../cli/checks.ts";
import {absentUnless, itUnless} from "../needs.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-doctor-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const checkout = resolve(import.meta.dirname, "../..");
const checks = (more: Partial<Parameters<typeof checkMachine>[0]> = {}) => {
  const options = {project: checkout, lake: join(folder, "lake"), env: process.env, ...more};
  return Object.fromEntries(checkMachine(options).map((check) => [check.name, check]));
};

it("finds what every installation has", () => {
  const {Node, packages, lake, disk} = checks();
  expect([Node.state, packages.state, lake.state]).toEqual(["ok", "ok", "ok"]);
  expect([Node.found, lake.found]).toEqual([process.version, `${join(folder, "lake")}: not made yet`]);
  expect(disk.found).toMatch(/^\d+\.\d GB free for the lake$/);
});

it("fails where packages are missing and names the command", () => {
  mkdirSync(join(folder, "bare"));
  expect(checks({project: join(folder, "bare")}).packages).toEqual({
    name: "packages",
    state: "fail",
    found: "missing: @duckdb/node-api, @observablehq/framework, onnxruntime-node, fastify, esbuild",
    remedy: `run npm ci in ${join(folder, "bare")}`
  });
});

it("counts a lake's parts", () => {
  mkdirSync(join(folder, "full/captures"), {recursive: true});
  writeFileSync(join(folder, "full/captures/a.parquet"), "");
  expect(checks({lake: join(folder, "full")}).lake.found).toBe(`${join(folder, "full")}: 1 parts`);
});

itUnless(absentUnless(process.getuid?.() !== 0, "root may read everything"))(
  "fails for a lake that cannot be read",
  () => {
    mkdirSync(join(folder, "closed/captures"), {recursive: true});
    chmodSync(join(folder, "closed"), 0o000);
    expect(checks({lake: join(folder, "closed")}).lake.state).toBe("fail");
  }
);

it("has a remedy for everything that is not well", () => {
  const all = checkMachine({project: join(folder, "bare"), lake: join(folder, "lake"), env: {PATH: ""}});
  for (const {state, remedy} of all) expect(remedy === null).toBe(state === "ok");
});

it("names the program that traces routes, as the page Notices finds it", () => {
  const programs = join(folder, "programs");
  mkdirSync(programs);
  const tracer = () => checks({env: {PATH: programs}})["route tracer"];
  const name = process.platform === "win32" ? "tracert.exe" : "traceroute";
  writeFileSync(join(programs, name), "", {mode: 0o755});
  expect(tracer()).toEqual({name: "route tracer", state: "ok", found: join(programs, name), remedy: null});
});
