// The first file of the analyser's thread, in plain JavaScript: a thread would need a TypeScript loader of its own.
import {pathToFileURL} from "node:url";
import {bundle} from "../../scripts/bundle.js";

const path = await bundle("loaders/live/live-analyser-thread.ts");
await import(pathToFileURL(path).href);
