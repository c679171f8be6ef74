import {readdirSync, readFileSync} from "node:fs";
import {dirname, join, relative, resolve, sep} from "node:path";
import {describe, expect, it} from "vitest";
import {type CoreName, cores, hashOf, shippedPath} from "../capture/cores.ts";
import {sourcesHash} from "../capture/wasm.ts";

const root = resolve(import.meta.dirname, "..");

/** Which folders each folder may import, values and types alike. */
const mayImport: Record<string, readonly string[]> = {
  schema: [],
  capture: ["schema"],
  models: ["schema", "capture/cores.ts"],
  loaders: [
    "schema",
    "models",
    "capture/partitions",
    "capture/store/sensor-states.ts",
    "capture/meter/address-text.ts",
    "src/lib"
  ],
  alerts: ["schema", "models", "loaders", "capture/partitions/lock.ts", "capture/partitions/small-file.ts", "src/lib"],
  server: ["schema", "loaders", "capture", "alerts", "src/lib"],
  lab: ["schema"],
  cli: ["schema", "capture", "models", "loaders", "alerts", "server", "lab", "src/lib"],
  "src/data": ["loaders"],
  "src/components": ["src/lib"],
  "src/lib": []
};

/** Folders whose types alone may be named: Framework lets no page import a value from above its root. */
const mayNameTypes: Record<string, readonly string[]> = {"src/components": ["schema"], "src/lib": ["schema"]};

/** What every folder may import: where the program runs from, and how TypeScript does. */
const everywhere = ["scripts/working-copy.js", "scripts/typescript.js"];

/** Inner rooms in the order of the data's way; a room may import those before it in its list. */
const innerRooms: Record<string, readonly string[]> = {
  capture: ["sources", "meter", "dissect", "partitions", "rows", "logs", "live", "import", "packets", "store"],
  "capture/core": ["meter", "encoder", "dissect"],
  loaders: ["engines", "lake", "questions", "judge", "live", "results", "export", "conformance", "health"]
};

/** TypeScript and AssemblyScript files below a folder, as paths from the root. */
function files(folder: string): string[] {
  return readdirSync(join(root, folder), {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.parentPath.includes("node_modules"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

/** Paths that a file imports from this project, without their ending in the cores; `types` where only types are named. */
function imports(path: string): {target: string; types: boolean}[] {
  const text = readFileSync(join(root, path), "utf8");
  const statements = text.matchAll(/^(?:import|export)\s+(type\b)?[^;]*?from\s+"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm);
  return [...statements].map(([, type, named, dynamic]) => ({
    target: relative(root, resolve(root, dirname(path), named ?? dynamic))
      .split(sep)
      .join("/"),
    types: type !== undefined
  }));
}

/** Imports of a folder's files that lead to none of the places. */
function astray(folder: string, places: readonly string[], placesOfTypes: readonly string[] = []): string[] {
  const isIn = (target: string, reach: readonly string[]) =>
    reach.some((prefix) => target === prefix || target.startsWith(`${prefix}/`));
  return files(folder).flatMap((path) =>
    imports(path)
      .filter(({target, types}) => !isIn(target, places) && !(types && isIn(target, placesOfTypes)))
      .map(({target}) => `${path} → ${target}`)
  );
}

describe("the direction of imports, wire to page", () => {
  for (const [folder, allowed] of Object.entries(mayImport))
    it(`${folder} imports only ${allowed.join(", ") || "itself"}`, () => {
      expect(astray(folder, [folder, ...allowed, ...everywhere], mayNameTypes[folder])).toEqual([]);
    });

  for (const [folder, rooms] of Object.entries(innerRooms)) {
    it(`${folder} has no other rooms than those in the list`, () => {
      const found = readdirSync(join(root, folder), {withFileTypes: true}).filter((entry) => entry.isDirectory());
      const unlisted = found.map(({name}) => name).filter((name) => !rooms.includes(name));
      expect(unlisted).toEqual(folder === "capture" ? ["core", "wasm"] : []);
    });
    for (const [at, room] of rooms.entries())
      it(`${folder}/${room} imports no room behind it`, () => {
        const behind = rooms.slice(at + 1).map((name) => `${folder}/${name}`);
        const upward = files(`${folder}/${room}`).flatMap((path) =>
          imports(path)
            .filter(({target}) => behind.some((prefix) => target.startsWith(`${prefix}/`)))
            .map(({target}) => `${path} → ${target}`)
        );
        expect(upward).toEqual([]);
      });
  }
});

describe("what ships compiled", () => {
  for (const name of Object.keys(cores) as CoreName[])
    it(`${name}.wasm carries the hash of its present sources`, () => {
      expect(hashOf(readFileSync(shippedPath(name))), "npm run cores").toBe(sourcesHash(cores[name]));
    });
});
