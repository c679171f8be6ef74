#!/usr/bin/env node
// The command line's first step, in plain JavaScript: installs what is missing, then runs the TypeScript, bundled.
import "../scripts/silent.js";
import {pathToFileURL} from "node:url";
import {bundle} from "../scripts/bundle.js";
import {ensureCap} from "../scripts/ensure-cap.js";
import {ensureInstalled} from "../scripts/ensure-installed.js";

ensureInstalled();
if (process.argv[2] === "start") ensureCap();
const path = await bundle("cli/flowbook.ts", [
  "schema",
  "capture",
  "models",
  "loaders",
  "alerts",
  "server",
  "cli",
  "lab",
  "src/lib"
]);
const {main} = await import(pathToFileURL(path).href);
process.exitCode = await main(process.argv.slice(2));
