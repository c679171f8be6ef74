/** What went from one host to another, or from and to the others together (null). */
export interface Band {
  readonly from: string | null;
  readonly to: string | null;
  readonly bytes: number;
  readonly flows: number;
  readonly suspicious: number;
}

/** Who spoke to whom with as many hosts on each side as are asked for; the others are one. */
export interface Connections {
  /** Originators largest first; responders beside those that spoke to them, so that few bands cross; null, the others, last. */
  readonly from: readonly Side[];
  readonly to: readonly Side[];
  readonly bands: readonly Band[];
}

export interface Side {
  readonly host: string | null;
  readonly bytes: number;
  readonly flows: number;
  /** Hosts that it stands for; null where it is not known how many. */
  readonly hosts: number | null;
}

/**
 * Sums pairs to bands between the `most` largest originators and responders and the others. What `total` has beyond the
 * pairs goes from the others to the others.
 */
export function connectionsOf(
  pairs: readonly Band[],
  total: Pick<Band, "bytes" | "flows" | "suspicious">,
  most: number
): Connections {
  const left = largest(pairs, "from", most);
  const right = largest(pairs, "to", most);
  const bands = new Map<string, Band>();
  const add = (from: string | null, to: string | null, {bytes, flows, suspicious}: Omit<Band, "from" | "to">) => {
    const key = JSON.stringify([from, to]);
    const before = bands.get(key) ?? {bytes: 0, flows: 0, suspicious: 0};
    bands.set(key, {
      from,
      to,
      bytes: before.bytes + bytes,
      flows: before.flows + flows,
      suspicious: before.suspicious + suspicious
    });
  };
  const rest = {...total};
  for (const pair of pairs) {
    add(left.has(pair.from) ? pair.from : null, right.has(pair.to) ? pair.to : null, pair);
    for (const name of ["bytes", "flows", "suspicious"] as const) rest[name] -= pair[name];
  }
  // Sums of shares of a window may differ in their last digits.
  const isWhole = rest.flows <= 0;
  if (!isWhole) add(null, null, rest);
  const found = [...bands.values()];
  const from = sides(found, pairs, "from", left, isWhole);
  const to = beside(sides(found, pairs, "to", right, isWhole), from, found);
  return {from, to, bands: found.sort((a, b) => b.bytes - a.bytes)};
}

/** Responders by where the middle of their bands comes from, equal ones as they were. */
function beside(to: readonly Side[], from: readonly Side[], bands: readonly Band[]): Side[] {
  const middles = new Map<string | null, number>();
  let above = 0;
  for (const {host, bytes} of from) {
    middles.set(host, above + bytes / 2);
    above += bytes;
  }
  const middleOf = ({host}: Side) => {
    const own = bands.filter((band) => band.to === host);
    const weight = own.reduce((sum, {bytes}) => sum + bytes, 0);
    if (weight === 0) return above;
    return own.reduce((sum, band) => sum + band.bytes * (middles.get(band.from) ?? above), 0) / weight;
  };
  const keys = new Map(to.map((side) => [side, middleOf(side)]));
  return [...to].sort(
    (a, b) => Number(a.host === null) - Number(b.host === null) || (keys.get(a) as number) - (keys.get(b) as number)
  );
}

function largest(pairs: readonly Band[], end: "from" | "to", most: number): ReadonlySet<string | null> {
  const sums = new Map<string | null, number>();
  for (const pair of pairs) sums.set(pair[end], (sums.get(pair[end]) ?? 0) + pair.bytes);
  const ranked = [...sums].sort(([a, x], [b, y]) => y - x || (String(a) < String(b) ? -1 : 1));
  // One other alone may as well be named.
  const kept = ranked.length === most + 1 ? ranked : ranked.slice(0, most);
  return new Set(kept.map(([host]) => host));
}

function sides(
  bands: readonly Band[],
  pairs: readonly Band[],
  end: "from" | "to",
  named: ReadonlySet<string | null>,
  isWhole: boolean
): Side[] {
  const sums = new Map<string | null, {bytes: number; flows: number}>();
  for (const band of bands) {
    const before = sums.get(band[end]) ?? {bytes: 0, flows: 0};
    sums.set(band[end], {bytes: before.bytes + band.bytes, flows: before.flows + band.flows});
  }
  const others = new Set(pairs.map((pair) => pair[end])).size - named.size;
  return [...sums]
    .map(([host, sum]) => ({host, ...sum, hosts: host !== null ? 1 : isWhole ? others : null}))
    .sort((a, b) => Number(a.host === null) - Number(b.host === null) || b.bytes - a.bytes);
}
