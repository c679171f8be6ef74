import type {SeenPacket} from "./reference-features.ts";

const mostBins = 96;

interface Bin {
  first: number;
  last: number;
  readonly of: number[];
}

/** The text of `flows.activity` from the list of a flow's packets, and of each how many retransmissions it was. */
export function referenceActivity(
  packets: readonly SeenPacket[],
  repeated: readonly number[],
  first: number
): string | null {
  const bins: Bin[] = [];
  /** What is retransmitted late counts in the open bin. */
  const noted: {bin: Bin; count: number}[] = [];
  let open: Bin | null = null;
  for (const [i, {time}] of packets.entries()) {
    const second = Math.floor(time / 1e6);
    if (!open || second > open.last) {
      if (open) {
        makeRoom(bins, packets);
        bins.push(open);
      }
      open = {first: second, last: second, of: []};
    }
    const bin: Bin = second === open.first ? open : earlierBin(bins, packets, second);
    bin.of.push(i);
    noted.push({bin: open, count: repeated[i]});
  }
  if (bins.length === 0 || !open) return null;
  const all = [...bins, open];
  const told = (bin: Bin) => all.find(({first, last}) => first <= bin.first && bin.last <= last);
  const sums = (value: (i: number) => number) =>
    all.map(({of}) => of.reduce((total, i) => total + value(i), 0)).join(",");
  const sent = (i: number) => (packets[i].side === 0 ? 1 : 0);
  const lists = [
    all.map((bin) => bin.last - bin.first + 1).join(","),
    all.map((bin) => bin.first - Math.floor(first / 1e6)).join(","),
    sums((i) => packets[i].wire),
    sums((i) => packets[i].wire * sent(i)),
    sums(() => 1),
    sums(sent)
  ];
  if (repeated.some((count) => count > 0))
    lists.push(
      all
        .map((bin) => noted.filter((one) => told(one.bin) === bin).reduce((total, {count}) => total + count, 0))
        .join(",")
    );
  return lists.join(";");
}

/** The ended bin of a second before the open one. */
function earlierBin(bins: Bin[], packets: readonly SeenPacket[], second: number): Bin {
  const has = ({first, last}: Bin) => first <= second && second <= last;
  if (!bins.some(has)) {
    makeRoom(bins, packets);
    if (!bins.some(has)) bins.push({first: second, last: second, of: []});
    bins.sort((a, b) => a.first - b.first);
  }
  return bins.find(has)!;
}

/** Joins the neighbours of which the least bytes are moved to another second. */
function makeRoom(bins: Bin[], packets: readonly SeenPacket[]): void {
  if (bins.length < mostBins) return;
  const bytes = ({of}: Bin) => of.reduce((total, i) => total + packets[i].wire, 0);
  const moved = bins.slice(1).map((next, i) => {
    const bin = bins[i];
    const each = (bytes(bin) + bytes(next)) / (next.last - bin.first + 1);
    const beyond = (one: Bin) => Math.max(0, bytes(one) - each * (one.last - one.first + 1));
    return beyond(bin) + beyond(next);
  });
  const place = moved.indexOf(Math.min(...moved));
  const [bin, next] = bins.splice(place, 2);
  bins.splice(place, 0, {first: bin.first, last: next.last, of: [...bin.of, ...next.of]});
}
