import {chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {afterAll, expect, it} from "vitest";
import {checkMachine} from "../../loaders/health/machine.ts";
import {absentUnless, itUnless} from "../needs.ts";

const folder = mkdtempSync(join(tmpdir(), "flowbook-doctor-"));
afterAll(() => rmSync(folder, {recursive: true, force: true}));

const checkout = resolve(import.meta.dirname, "../..");
const checks = async (more: Partial<Parameters<typeof checkMachine>[0]> = {}) => {
  const options = {project: checkout, lake: join(folder, "lake"), env: process.env, ...more};
  return Object.fromEntries((await checkMachine(options)).map((check) => [check.name, check]));
};

it("finds what every installation has", async () => {
  const {Node, packages, lake, disk} = await checks();
  expect([Node.state, packages.state, lake.state]).toEqual(["ok", "ok", "ok"]);
  expect([Node.found, lake.found]).toEqual([process.version, `${join(folder, "lake")}: not made yet`]);
  expect(disk.found).toMatch(/^\d+\.\d GB free for the lake$/);
});

it("fails where packages are missing and names the command", async () => {
  mkdirSync(join(folder, "bare"));
  expect((await checks({project: join(folder, "bare")})).packages).toEqual({
    name: "packages",
    state: "fail",
    found: "missing: @duckdb/node-api, @observablehq/framework, onnxruntime-node, fastify, esbuild",
    remedy: `run npm ci in ${join(folder, "bare")}`
  });
});

it("counts a lake's parts", async () => {
  mkdirSync(join(folder, "full/captures"), {recursive: true});
  writeFileSync(join(folder, "full/captures/a.parquet"), "");
  expect((await checks({lake: join(folder, "full")})).lake.found).toBe(`${join(folder, "full")}: 1 part`);
});

itUnless(absentUnless(process.getuid?.() !== 0, "root may read everything"))(
  "fails for a lake that cannot be read",
  async () => {
    mkdirSync(join(folder, "closed/captures"), {recursive: true});
    chmodSync(join(folder, "closed"), 0o000);
    expect((await checks({lake: join(folder, "closed")})).lake.state).toBe("fail");
  }
);

it("has a remedy for everything that is not well", async () => {
  const all = await checkMachine({project: join(folder, "bare"), lake: join(folder, "lake"), env: {PATH: ""}});
  for (const {state, remedy} of all) expect(remedy === null).toBe(state === "ok");
});

it("names the program that traces routes, as the page Notices finds it", async () => {
  const programs = join(folder, "programs");
  mkdirSync(programs);
  const tracer = async () => (await checks({env: {PATH: programs}}))["route tracer"];
  const name = process.platform === "win32" ? "tracert.exe" : "traceroute";
  writeFileSync(join(programs, name), "", {mode: 0o755});
  expect(await tracer()).toEqual({name: "route tracer", state: "ok", found: join(programs, name), remedy: null});
});

it("loads the models, and warns where the classifier is gone or damaged", async () => {
  const project = join(folder, "project");
  const models = () => checks({project}).then((all) => all.models);
  mkdirSync(join(project, "models"), {recursive: true});
  for (const name of ["classifier", "activity"])
    for (const ending of ["json", "onnx"])
      cpSync(join(checkout, "models", `${name}.${ending}`), join(project, "models", `${name}.${ending}`));
  expect(await models()).toEqual({
    name: "models",
    state: "ok",
    found: "classifier.onnx, activity.onnx",
    remedy: null
  });
  writeFileSync(join(project, "models/classifier.onnx"), "gone");
  expect(await models()).toMatchObject({
    state: "warn",
    found: expect.stringContaining("flows are not scored: classifier.onnx: not an ONNX file")
  });
  rmSync(join(project, "models/classifier.onnx"));
  expect(await models()).toMatchObject({
    state: "warn",
    found: `flows are not scored: ${join(project, "models/classifier.json")}: classifier.onnx is missing`
  });
  for (const name of ["classifier.json", "activity.json"]) rmSync(join(project, "models", name));
  for (const ending of ["json", "onnx"])
    cpSync(
      join(checkout, "test/models/fixtures/forest", `anomaly.${ending}`),
      join(project, "models", `anomaly.${ending}`)
    );
  expect(await models()).toMatchObject({
    state: "warn",
    found: "anomaly.onnx; no classifier: flows get an anomaly score and no class"
  });
});
