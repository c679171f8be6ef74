/** Drops an interface statistics block tells of; null where it does not. */
export interface StatisticsOptions {
  interfaceDrops: number | null;
  kernelDrops: number | null;
}

/** An interface of a pcapng section. */
export interface Interface {
  /** LINKTYPE_ number. */
  readonly link: number;
  /** 0 is unlimited. */
  readonly snaplen: number;
  /** Units of a time stamp per second: a power of ten (`if_tsresol`), or of two where `isBinary`. */
  readonly exponent: number;
  readonly isBinary: boolean;
  /** µs added to every time (`if_tsoffset`). */
  readonly offset: number;
  drops: StatisticsOptions;
}

const option = {tsresol: 9, tsoffset: 14, ifdrop: 5, osdrop: 7} as const;

/** An interface description block's body (draft-ietf-opsawg-pcapng §4.2) in `start .. end`. */
export function captureInterface(view: DataView, start: number, end: number, littleEndian: boolean): Interface {
  let resolution = 6;
  let offset = 0;
  eachOption(view, start + 8, end, littleEndian, (code, at, length) => {
    if (code === option.tsresol && length >= 1) resolution = view.getUint8(at);
    else if (code === option.tsoffset && length >= 8) offset = Number(view.getBigInt64(at, littleEndian)) * 1e6;
  });
  return {
    link: view.getUint16(start, littleEndian),
    snaplen: view.getUint32(start + 4, littleEndian),
    exponent: resolution & 0x7f,
    isBinary: resolution >= 0x80,
    offset,
    drops: {interfaceDrops: null, kernelDrops: null}
  };
}

/** The options of an interface statistics block (draft-ietf-opsawg-pcapng §4.6) in `start .. end`. */
export function statistics(view: DataView, start: number, end: number, littleEndian: boolean): StatisticsOptions {
  const found: StatisticsOptions = {interfaceDrops: null, kernelDrops: null};
  eachOption(view, start, end, littleEndian, (code, at, length) => {
    if (length < 8) return;
    if (code === option.ifdrop) found.interfaceDrops = Number(view.getBigUint64(at, littleEndian));
    else if (code === option.osdrop) found.kernelDrops = Number(view.getBigUint64(at, littleEndian));
  });
  return found;
}

/** Options that run past the block's end are left unread: they are remarks, the packets do not depend on them. */
function eachOption(
  view: DataView,
  start: number,
  end: number,
  littleEndian: boolean,
  take: (code: number, at: number, length: number) => void
): void {
  for (let at = start; at + 4 <= end; ) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (code === 0 || at + 4 + length > end) return;
    take(code, at + 4, length);
    at += 4 + length + (-length & 3);
  }
}

/** Last second of the year 9999: what lies beyond is a damaged time and is cut to it, as tables know no later ones. */
const latestTs = 253_402_300_799e6;

/** µs since 1970 of a packet's 64-bit time in its interface's units, rounded down. */
export function microseconds({exponent, isBinary, offset}: Interface, high: number, low: number): number {
  const ts = isBinary || exponent > 12 ? exact(exponent, isBinary, high, low) : decimal(exponent, high, low);
  return Math.max(-latestTs, Math.min(latestTs, ts + offset));
}

/** The ns behind those µs; -1 where the interface counts in µs or coarser. */
export function nanoseconds({exponent, isBinary}: Interface, high: number, low: number): number {
  if (isBinary ? exponent < 20 : exponent <= 6) return -1;
  const units = (BigInt(high) << 32n) | BigInt(low);
  const perSecond = isBinary ? 1n << BigInt(exponent) : 10n ** BigInt(exponent);
  return Number(((units * 1_000_000_000n) / perSecond) % 1000n);
}

/** Exact without BigInt where 2^32 times the divisor stays below 2^53: from seconds down to picoseconds. */
function decimal(exponent: number, high: number, low: number): number {
  if (exponent <= 6) return (high * 2 ** 32 + low) * 10 ** (6 - exponent);
  const divisor = 10 ** (exponent - 6);
  const rest = high % divisor;
  return ((high - rest) / divisor) * 2 ** 32 + Math.floor((rest * 2 ** 32 + low) / divisor);
}

function exact(exponent: number, isBinary: boolean, high: number, low: number): number {
  const units = (BigInt(high) << 32n) | BigInt(low);
  const perSecond = isBinary ? 1n << BigInt(exponent) : 10n ** BigInt(exponent);
  return Number((units * 1_000_000n) / perSecond);
}
