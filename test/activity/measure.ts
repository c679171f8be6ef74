import {readdirSync} from "node:fs";
import {join, relative, resolve} from "node:path";
import {capturesOf} from "../health/captures.ts";
import {hasSharedData, sharedData} from "../shared-data.ts";
import {volumeErrors} from "./seconds.ts";

/**
 * `npm run activity [-- CAPTURE…]`: bytes by second as charts draw them beside the packets' own, for the demo and the
 * fifty shared captures with most bytes in flows over ten seconds and more.
 */
const demo = resolve(import.meta.dirname, "../../data/demo");
const asked = process.argv.slice(2);
const demos = readdirSync(demo)
  .filter((name) => /\.pcap(ng)?(\.gz|\.zst)?$/.test(name))
  .map((name) => join(demo, name));
const files = asked.length > 0 ? asked : [...demos, ...(hasSharedData ? capturesOf("demo", "pcap") : [])];
const measured = [];
for (const file of files) {
  const errors = await volumeErrors(file).catch(() => null);
  if (errors && errors.evenly > 0.02) measured.push({file, ...errors});
}
const isDemo = (file: string) => (demos.includes(file) ? 1 : 0);
const shown = measured
  .sort((a, b) => isDemo(b.file) - isDemo(a.file) || b.bytes - a.bytes)
  .slice(0, asked.length || demos.length + 50);
for (const {file, bytes, drawn, evenly, texts} of shown)
  console.log(
    `${relative(sharedData, file)}: ${bytes} bytes, ${percent(drawn)} in another second (spread evenly ${percent(evenly)}); ${texts} bytes of activity`
  );
console.log(
  `${shown.length} captures, ${shown.filter(({drawn}) => drawn <= 0.05).length} of them at most 5 %; mean ${percent(shown.reduce((sum, {drawn}) => sum + drawn, 0) / shown.length)}`
);

function percent(part: number): string {
  return `${(100 * part).toFixed(2)} %`;
}
