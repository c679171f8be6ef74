import {relative} from "node:path";
import {meterFile} from "../capture/meter/metered.ts";
import {hasSharedData, sharedData} from "../shared-data.ts";
import {sideBySide} from "../side-by-side.ts";
import {capturesOf} from "./captures.ts";
import {explained} from "./explained.ts";
import {ourHealth} from "./our-health.ts";
import {type Count, counts, tsharkHealth} from "./tshark-health.ts";

/**
 * `npm run health [-- PATH…] [-- --differences --at-once=N]`: TCP health beside tshark's over all shared captures with TCP:
 * retransmissions, segments out of order, duplicate ACKs and zero windows, by sender and receiver; and the round trips of
 * handshakes, equal where they differ by 5 % at most.
 */
const asked = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const showsDifferences = process.argv.includes("--differences");
const files = asked.length > 0 ? asked : hasSharedData ? capturesOf("pcap", "incidents") : [];

const sums = new Map(counts.map((name) => [name, {equal: 0, ours: 0, theirs: 0, endpoints: 0, same: 0, explained: 0}]));
/** Times of packets are cut to whole µs. */
const microsecond = 1;
const roundTrips = {equal: 0, both: 0, onlyOurs: 0, onlyTheirs: 0};
let captures = 0;
for await (const both of sideBySide(files, healthOf)) {
  if (!both) continue;
  captures++;
  const {file, ours, theirs} = both;
  const why = explained.find(({captures}) => captures.test(file))?.why;
  const differing: string[] = [];
  for (const key of new Set([...ours.counts.keys(), ...theirs.counts.keys()]))
    for (const [name, sum] of sums) {
      const [our, their] = [ours.counts.get(key)?.[name] ?? 0, theirs.counts.get(key)?.[name] ?? 0];
      if (our + their === 0) continue;
      sum.equal += Math.min(our, their);
      sum.ours += our;
      sum.theirs += their;
      sum.endpoints++;
      if (our === their) sum.same++;
      else {
        if (why) sum.explained += Math.abs(our - their);
        differing.push(difference(key, name, our, their));
      }
    }
  for (const key of new Set([...ours.handshakes.keys(), ...theirs.handshakes.keys()]))
    compareRoundTrips(key, ours.handshakes.get(key) ?? [], theirs.handshakes.get(key) ?? [], differing);
  if (showsDifferences && differing.length > 0)
    console.log(`${relative(sharedData, file)}${why ? ` (${why})` : ""}\n  ${differing.slice(0, 12).join("\n  ")}`);
}
console.log(`${captures} captures with TCP`);
for (const [name, {equal, ours, theirs, endpoints, same, explained}] of sums)
  console.log(
    `${name}: ${ours} ours, ${theirs} tshark's, ${share(equal, ours + theirs - equal)} equal; ${same} of ${endpoints} senders equal (${share(same, endpoints)}); of ${ours + theirs - 2 * equal} that differ ${explained} explained`
  );
const {equal, both, onlyOurs, onlyTheirs} = roundTrips;
console.log(
  `rtt_us: ${both} handshakes timed by both, ${equal} within 5 % (${share(equal, both)}); ${onlyOurs} ours alone, ${onlyTheirs} tshark's alone`
);

/** Both programs' health of a capture; null of one without TCP. */
async function healthOf(file: string) {
  const metered = await meterFile(file).catch(() => null);
  if (!metered?.flows.some(({proto}) => proto === 6)) return null;
  return {file, ours: ourHealth(metered.flows), theirs: await tsharkHealth(file)};
}

/** Pairs round trips of the same endpoints; where ports were used again, each with the first within 5 % of it. */
function compareRoundTrips(key: string, our: readonly number[], their: readonly number[], differing: string[]): void {
  const left = [...their];
  const others = our.filter((took) => {
    const at = left.findIndex((other) => Math.abs(took - other) <= 0.05 * other + microsecond);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const differ = Math.min(others.length, left.length);
  roundTrips.equal += our.length - others.length;
  roundTrips.both += our.length - others.length + differ;
  roundTrips.onlyOurs += others.length - differ;
  roundTrips.onlyTheirs += left.length - differ;
  if (others.length + left.length > 0) differing.push(`${key} rtt_us: ${list(others)} ours, ${list(left)} tshark's`);
}

function list(values: readonly number[]): string {
  return values.map((value) => Math.round(value)).join(", ") || "none";
}

function difference(key: string, name: Count, our: number, their: number): string {
  return `${key} ${name}: ${our} ours, ${their} tshark's`;
}

function share(part: number, all: number): string {
  return `${((100 * part) / Math.max(all, 1)).toFixed(2)} %`;
}
