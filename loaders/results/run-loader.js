// The first file of a loader's process, in plain JavaScript: node run-loader.js FILE.ts. The notebook's own loaders are
// bundled, which takes a third of the time; a reader's are loaded as they lie, and so are all where one does not compile.
import {basename, dirname, join, resolve} from "node:path";
import {fileURLToPath, pathToFileURL} from "node:url";
import {bundle} from "../../scripts/bundle.js";

process.argv.splice(1, 1);
const file = process.argv[1];
const own = fileURLToPath(new URL("../../src/data", import.meta.url));
const bundled = dirname(resolve(file)) === own ? await bundle("src/data").catch(() => null) : null;
if (bundled === null) await import("../../scripts/typescript-hook.js");
const path = bundled === null ? resolve(file) : join(bundled, basename(file).replace(/\.ts$/, ".js"));
try {
  await import(pathToFileURL(path).href);
} catch (error) {
  // In its own words: what Node says of an uncaught error begins with where Node itself stood.
  process.stderr.write(`${error?.stack ?? error}\n`, () => process.exit(1));
}
