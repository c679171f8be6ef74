import type {Band, Connections, Side} from "./connections.js";

/** Who spoke to whom as a table: originators below one another, responders beside. */
export interface ConnectionMatrix {
  /** By bytes in both roles, largest first and the others last; a host on both sides has the same rank on both. */
  readonly rows: readonly Side[];
  readonly columns: readonly Side[];
  /** rows × columns; null where nothing was exchanged. */
  readonly cells: readonly (readonly (Band | null)[])[];
}

/** Sides with fewer bands are drawn as a graph whatever their density. */
const fewBands = 24;
/** Bands to each host of the longer side beyond which threads cross too often to be followed. */
const bandsPerHost = 3;

/** Whether a graph of these would be a thicket. */
export function isThicket({from, to, bands}: Connections): boolean {
  return bands.length > fewBands && bands.length > bandsPerHost * Math.max(from.length, to.length);
}

/** The sides of {@link Connections} in one order, and the band of each pair. */
export function matrixOf({from, to, bands}: Connections): ConnectionMatrix {
  const sums = new Map<string | null, number>();
  for (const {host, bytes} of [...from, ...to]) sums.set(host, (sums.get(host) ?? 0) + bytes);
  const ranked = (sides: readonly Side[]) =>
    [...sides].sort(
      (a, b) =>
        Number(a.host === null) - Number(b.host === null) ||
        (sums.get(b.host) as number) - (sums.get(a.host) as number) ||
        (String(a.host) < String(b.host) ? -1 : 1)
    );
  const [rows, columns] = [ranked(from), ranked(to)];
  const rowOf = new Map(rows.map(({host}, at) => [host, at]));
  const columnOf = new Map(columns.map(({host}, at) => [host, at]));
  const cells = rows.map(() => Array<Band | null>(columns.length).fill(null));
  for (const band of bands) cells[rowOf.get(band.from) as number][columnOf.get(band.to) as number] = band;
  return {rows, columns, cells};
}

/** Where a volume stands between the least and the most, 0 to 1, on a scale of logarithms. */
export function logShare(bytes: number, least: number, most: number): number {
  if (most <= least) return 1;
  return Math.log(Math.max(bytes, least) / least) / Math.log(most / least);
}
