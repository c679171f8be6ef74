import {readFileSync} from "node:fs";
import {resolve} from "node:path";
import {expect, it} from "vitest";
import {withoutPackage} from "../../scripts/pruned-lock.js";

const lock = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../package-lock.json"), "utf8")) as {
  packages: Record<string, {hasInstallScript?: boolean; resolved?: string; integrity?: string}>;
};
const {packages} = lock;
const entries = Object.entries(packages).filter(([path]) => path !== "");

it("no package runs a step of its own while it is installed, except the addon that is compiled", () => {
  // npm runs the steps of those that the lock says have one. onnxruntime-node's would download CUDA libraries from a
  // host that is no registry, and fail where that cannot be reached. After `npm install`, take the mark away again.
  const marked = entries.filter(([, {hasInstallScript}]) => hasInstallScript).map(([path]) => path);
  expect(marked).toEqual(["node_modules/cap"]);
});

it("the lock names no download address, and what every package contains", () => {
  expect(entries.filter(([, {resolved}]) => resolved).map(([path]) => path)).toEqual([]);
  const unchecked = entries.filter(([, entry]) => !entry.integrity && !("inBundle" in entry));
  expect(unchecked.map(([path]) => path)).toEqual([]);
});

it("the lock of a tarball that carries onnxruntime-node lacks it and what only it needs", () => {
  const common = {"onnxruntime-common": "1.27.0"};
  const {packages: left} = withoutPackage(lock, "onnxruntime-node", common);
  const gone = Object.keys(packages).filter((path) => !(path in left));
  expect(gone).toEqual(expect.arrayContaining(["node_modules/onnxruntime-node", "node_modules/global-agent"]));
  expect(gone.length).toBeLessThan(20);
  expect(Object.keys((left[""] as {dependencies?: object}).dependencies ?? {})).toEqual(
    expect.arrayContaining(["onnxruntime-common", "fastify"])
  );
  expect(left).toHaveProperty(["node_modules/onnxruntime-common"]);
});
