import {readdirSync, readFileSync} from "node:fs";
import {dirname, join, relative, resolve, sep} from "node:path";
import {describe, expect, it} from "vitest";
import {type CoreName, cores, hashOf, shippedPath} from "../capture/cores.ts";
import {sourcesHash} from "../capture/wasm.ts";

const root = resolve(import.meta.dirname, "..");

/** Which folders each folder may import at run time; types may be imported from anywhere. */
const mayImport: Record<string, readonly string[]> = {
  schema: [],
  capture: ["schema"],
  models: ["schema"],
  loaders: ["schema", "models", "capture/partitions", "capture/meter/address-text.ts", "src/lib"],
  alerts: ["schema", "models", "loaders", "src/lib"],
  server: ["schema", "loaders", "capture", "alerts", "src/lib"],
  lab: ["schema"],
  cli: ["schema", "capture", "models", "loaders", "alerts", "server", "lab", "src/lib"],
  "src/data": ["loaders"],
  "src/components": ["src/lib", "src/components"],
  "src/lib": ["src/lib"]
};

/** TypeScript files below a folder, as paths from the root. */
function files(folder: string): string[] {
  return readdirSync(join(root, folder), {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.parentPath.includes("node_modules"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !/^capture\/(?:[a-z]+\/)*core\//.test(path));
}

/** Paths that a file imports at run time from this project. */
function imports(path: string): string[] {
  const text = readFileSync(join(root, path), "utf8");
  const statements = text.matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from\s+"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm);
  return [...statements].map(([, named, dynamic]) =>
    relative(root, resolve(root, dirname(path), named ?? dynamic))
      .split(sep)
      .join("/")
  );
}

describe("the direction of imports, wire to page", () => {
  for (const [folder, allowed] of Object.entries(mayImport))
    it(`${folder} imports only ${allowed.join(", ") || "itself"}`, () => {
      const reach = [folder, ...allowed, "scripts/working-copy.js"];
      const astray = files(folder).flatMap((path) =>
        imports(path)
          .filter((target) => !reach.some((prefix) => target === prefix || target.startsWith(`${prefix}/`)))
          .map((target) => `${path} → ${target}`)
      );
      expect(astray).toEqual([]);
    });
});

describe("what ships compiled", () => {
  for (const name of Object.keys(cores) as CoreName[])
    it(`${name}.wasm carries the hash of its present sources`, () => {
      expect(hashOf(readFileSync(shippedPath(name))), "npm run cores").toBe(sourcesHash(cores[name]));
    });
});
