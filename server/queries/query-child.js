// The first file of the process that runs readers' queries, in plain JavaScript: it loads the TypeScript, bundled.
import {pathToFileURL} from "node:url";
import {bundle} from "../../scripts/bundle.js";

const path = await bundle("server/queries/query-child.ts");
await import(pathToFileURL(path).href);
