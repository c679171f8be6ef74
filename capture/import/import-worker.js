// The first file of a thread that reads captures, in plain JavaScript: a thread would need a TypeScript loader of its own.
import {pathToFileURL} from "node:url";
import {bundle} from "../../scripts/bundle.js";

const path = await bundle("capture/import/import-worker.ts");
await import(pathToFileURL(path).href);
