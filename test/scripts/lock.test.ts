import {readFileSync} from "node:fs";
import {resolve} from "node:path";
import {expect, it} from "vitest";

const {packages} = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../package-lock.json"), "utf8")) as {
  packages: Record<string, {hasInstallScript?: boolean; resolved?: string; integrity?: string}>;
};
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
