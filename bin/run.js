#!/usr/bin/env node
// Runs a TypeScript file of the project in this process: node bin/run.js FILE [ARGUMENTS]
import "../scripts/silent.js";
import {resolve} from "node:path";
import {pathToFileURL} from "node:url";
import {registerTypeScript} from "../scripts/typescript.js";

await registerTypeScript();
process.argv.splice(1, 1);
await import(pathToFileURL(resolve(process.argv[1])).href);
