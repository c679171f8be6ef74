import type {SeenPacket} from "./reference-features.ts";

const mostBins = 64;

/** The text of `flows.activity` from the list of a flow's packets, and of each how many retransmissions it was. */
export function referenceActivity(
  packets: readonly SeenPacket[],
  repeated: readonly number[],
  first: number
): string | null {
  let width = 1;
  let bins: {number: number; of: number[]}[] = [];
  const binOf = (time: number) => Math.floor(Math.floor(time / 1e6) / width);
  for (const [i, {time}] of packets.entries()) {
    const last = bins.at(-1);
    if (last && binOf(time) <= last.number) {
      last.of.push(i);
      continue;
    }
    while (bins.length > mostBins) {
      width *= 2;
      bins = joined(bins.map(({number, of}) => ({number: Math.floor(number / 2), of})));
    }
    bins = joined([...bins, {number: binOf(time), of: [i]}]);
  }
  if (bins.length === 1) return null;
  const sums = (value: (i: number) => number) =>
    bins.map(({of}) => of.reduce((total, i) => total + value(i), 0)).join(",");
  const sent = (i: number) => (packets[i].side === 0 ? 1 : 0);
  const lists = [
    String(width),
    bins.map(({number}) => number - binOf(first)).join(","),
    sums((i) => packets[i].wire),
    sums((i) => packets[i].wire * sent(i)),
    sums(() => 1),
    sums(sent)
  ];
  if (repeated.some((count) => count > 0)) lists.push(sums((i) => repeated[i]));
  return lists.join(";");
}

function joined(bins: readonly {number: number; of: number[]}[]) {
  const all: {number: number; of: number[]}[] = [];
  for (const {number, of} of bins) {
    const last = all.at(-1);
    if (last?.number === number) last.of.push(...of);
    else all.push({number, of: [...of]});
  }
  return all;
}
