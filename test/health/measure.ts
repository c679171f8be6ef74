import {relative} from "node:path";
import {meterFile} from "../capture/meter/metered.ts";
import {hasSharedData, sharedData} from "../shared-data.ts";
import {capturesOf} from "./captures.ts";
import {ourHealth} from "./our-health.ts";
import {type Count, counts, tsharkHealth} from "./tshark-health.ts";

/**
 * `npm run health [-- PATH…] [-- --differences]`: TCP health beside tshark's over all shared captures with TCP:
 * retransmissions, segments out of order, duplicate ACKs and zero windows, by sender and receiver.
 */
const asked = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const showsDifferences = process.argv.includes("--differences");
const files = asked.length > 0 ? asked : hasSharedData ? capturesOf("pcap", "incidents") : [];

const sums = new Map(counts.map((name) => [name, {equal: 0, ours: 0, theirs: 0, endpoints: 0, same: 0}]));
let captures = 0;
for (const file of files) {
  const metered = await meterFile(file).catch(() => null);
  if (!metered?.flows.some(({proto}) => proto === 6)) continue;
  captures++;
  const [ours, theirs] = [ourHealth(metered.flows), tsharkHealth(file)];
  const differing: string[] = [];
  for (const key of new Set([...ours.keys(), ...theirs.keys()]))
    for (const [name, sum] of sums) {
      const [our, their] = [ours.get(key)?.[name] ?? 0, theirs.get(key)?.[name] ?? 0];
      if (our + their === 0) continue;
      sum.equal += Math.min(our, their);
      sum.ours += our;
      sum.theirs += their;
      sum.endpoints++;
      if (our === their) sum.same++;
      else differing.push(difference(key, name, our, their));
    }
  if (showsDifferences && differing.length > 0)
    console.log(`${relative(sharedData, file)}\n  ${differing.slice(0, 12).join("\n  ")}`);
}
console.log(`${captures} captures with TCP`);
for (const [name, {equal, ours, theirs, endpoints, same}] of sums)
  console.log(
    `${name}: ${ours} ours, ${theirs} tshark's, ${share(equal, ours + theirs - equal)} equal; ${same} of ${endpoints} senders equal (${share(same, endpoints)})`
  );

function difference(key: string, name: Count, our: number, their: number): string {
  return `${key} ${name}: ${our} ours, ${their} tshark's`;
}

function share(part: number, all: number): string {
  return `${((100 * part) / Math.max(all, 1)).toFixed(2)} %`;
}
