#!/usr/bin/env node
// The command line's first step, in plain JavaScript: installs what is missing, then runs the TypeScript.
import {ensureInstalled} from "../scripts/ensure-installed.js";

await ensureInstalled();
const {register} = await import("tsx/esm/api");
register();
const {main} = await import("../cli/flowbook.ts");
process.exitCode = await main(process.argv.slice(2));
