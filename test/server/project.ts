import {copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join, resolve} from "node:path";

const checkout = resolve(import.meta.dirname, "../..");

/** A checkout for a test: pages and loaders of its own, everything else ours. */
export interface TestProject {
  readonly folder: string;
  readonly lake: string;
  /** Writes a file below the project's folder. */
  put(path: string, content: string): void;
  remove(): void;
}

/** Makes one in a temporary folder, with an empty lake. */
export function makeProject(): TestProject {
  const top = mkdtempSync(join(tmpdir(), "flowbook-project-"));
  const folder = join(top, "project");
  mkdirSync(join(folder, "src/data"), {recursive: true});
  for (const name of [
    "node_modules",
    "server",
    "loaders",
    "capture",
    "schema",
    "scripts",
    "package.json",
    "package-lock.json"
  ])
    symlinkSync(join(checkout, name), join(folder, name));
  // The configuration finds its project by where it lies itself, so a link would lead back to ours.
  copyFileSync(join(checkout, "observablehq.config.ts"), join(folder, "observablehq.config.ts"));
  const put = (path: string, content: string) => {
    mkdirSync(dirname(join(folder, path)), {recursive: true});
    writeFileSync(join(folder, path), content);
  };
  return {folder, lake: join(top, "lake"), put, remove: () => rmSync(top, {recursive: true, force: true})};
}
