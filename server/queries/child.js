// The first file of the process that runs readers' queries, in plain JavaScript: it loads the TypeScript, bundled.
import {pathToFileURL} from "node:url";
import {bundle} from "../../scripts/bundle.js";

const path = await bundle("server/queries/child.ts", ["server/queries", "loaders", "schema", "capture"]);
await import(pathToFileURL(path).href);
