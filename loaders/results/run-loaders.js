// Several of the notebook's own loaders in one process, one after the other: node run-loaders.js '[{"file", "staged", "reads"}]'.
// What one writes to stdout goes into its `staged`; a line of JSON on stdout says how each ended.
import {createHash} from "node:crypto";
import {closeSync, fsyncSync, openSync, writeSync} from "node:fs";
import {basename, join} from "node:path";
import {pathToFileURL} from "node:url";
import {bundle} from "../../scripts/bundle.js";

const bundled = await bundle("src/data");
const write = process.stdout.write.bind(process.stdout);

for (const {file, staged, reads} of JSON.parse(process.argv[2])) {
  const startedAt = performance.now();
  const output = openSync(staged, "w", 0o600);
  const hash = createHash("sha256");
  let bytes = 0;
  process.env.FLOWBOOK_READS = reads;
  process.stdout.write = (chunk, ...rest) => {
    const data = Buffer.from(chunk, typeof rest[0] === "string" ? rest[0] : "utf8");
    hash.update(data);
    for (let at = 0; at < data.length; ) at += writeSync(output, data, at);
    bytes += data.length;
    const written = rest.at(-1);
    if (typeof written === "function") process.nextTick(written);
    return true;
  };
  let error = null;
  try {
    await import(pathToFileURL(join(bundled, basename(file).replace(/\.ts$/, ".js"))).href);
    fsyncSync(output);
  } catch (thrown) {
    error = String(thrown?.stack ?? thrown);
  }
  closeSync(output);
  const tookMs = Math.round(performance.now() - startedAt);
  write(`${JSON.stringify({file, sha256: hash.digest("hex"), bytes, error, tookMs})}\n`);
}
