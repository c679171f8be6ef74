#!/usr/bin/env node
// The command line's first step, in plain JavaScript: sees to the packages, then runs the TypeScript, bundled.
import "../scripts/silent.js";
import {existsSync, realpathSync} from "node:fs";
import {join} from "node:path";
import {fileURLToPath, pathToFileURL} from "node:url";
import {isCheckout, isWritable, runFolder} from "../scripts/working-copy.js";

const root = realpathSync(fileURLToPath(new URL("..", import.meta.url)));
const from = (path) => import(pathToFileURL(path).href);

if (isCheckout(root) && isWritable(root)) {
  const {ensureInstalled} = await import("../scripts/ensure-installed.js");
  ensureInstalled();
  if (process.argv[2] === "start") (await import("../scripts/ensure-cap.js")).ensureCap({offline: true});
}
if (!existsSync(join(root, "node_modules")) && isCheckout(root)) {
  console.error(`flowbook: ${root} has no packages, and this user cannot install them: npm ci, as its owner`);
  process.exit(3);
}
const folder = runFolder(root);
if (folder !== root && isCheckout(root) && process.argv[2] === "start")
  console.error(
    `flowbook: ${root} cannot be written: it is served from a copy, and new pages show after the next start`
  );
const {bundle, bundleAll} = await from(join(folder, "scripts/bundle.js"));
// Started as root, another process serves.
if (process.getuid?.() === 0 && process.argv[2] !== "start") await bundleAll();
const {main, guardTerminal} = await from(await bundle("cli/flowbook.ts"));
guardTerminal();
process.exitCode = await main(process.argv.slice(2));
