// The first file of the writer's thread, in plain JavaScript: a thread would need a TypeScript loader of its own.
import {pathToFileURL} from "node:url";
import {bundle} from "../../scripts/bundle.js";

const path = await bundle("capture/partitions/writer-thread.ts");
await import(pathToFileURL(path).href);
