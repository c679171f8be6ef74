import {statSync} from "node:fs";
import {relative} from "node:path";
import {randomNumbers} from "../capture/meter/random-packets.ts";
import {capturesOf} from "../health/captures.ts";
import {hasSharedData, sharedData} from "../shared-data.ts";
import {holeEffect} from "./hole.ts";

/**
 * `npm run holes [-- SEED] [-- --lost]`: from each of 200 shared captures one client packet is removed; the share of the
 * later records that are still there. `npm run records` compares the records themselves with tshark's.
 */
const seed = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 1);
const most = 200;
const largest = 16 << 20;
const random = randomNumbers(seed);
const files = hasSharedData ? capturesOf("pcap", "incidents").filter((file) => statSync(file).size < largest) : [];
const shuffled = files.map((file) => [random(), file] as const).sort(([a], [b]) => a - b);

const sum = {captures: 0, whole: 0, after: 0, kept: 0, share: 0};
for (const [, file] of shuffled) {
  if (sum.captures === most) break;
  const effect = await holeEffect(file, random).catch(() => null);
  if (!effect || effect.after === 0) continue;
  sum.captures++;
  sum.after += effect.after;
  sum.kept += effect.kept;
  sum.share += effect.kept / effect.after;
  if (effect.kept === effect.after) sum.whole++;
  else {
    console.log(
      `${relative(sharedData, file)} without packet ${effect.packet}: ${effect.kept} of ${effect.after} later rows`
    );
    if (process.argv.includes("--lost"))
      for (const row of effect.lost.slice(0, 3)) console.log(`  ${row.slice(0, 300)}`);
  }
}
const percent = (part: number, all: number) => `${((100 * part) / Math.max(all, 1)).toFixed(2)} %`;
console.log(
  `seed ${seed}: ${sum.captures} captures, ${sum.whole} of them with all later rows; ${sum.kept} of ${sum.after} later rows (${percent(sum.kept, sum.after)}), by capture ${percent(sum.share, sum.captures)}`
);
