import {isIP} from "node:net";

/** One step on the way to a host. */
export interface Hop {
  /** Time to live of its probes, from 1. */
  readonly hop: number;
  /** Who answered; none where nobody did, several where probes went different ways. */
  readonly addresses: readonly string[];
  /** Round-trip times of the answered probes, in ms. */
  readonly rttMs: readonly number[];
  /** Probes without an answer. */
  readonly lost: number;
  /** What an answer said beside that it exists, such as `!H` (host unreachable); null for nothing. */
  readonly note: string | null;
}

/**
 * Reads a line that traceroute (Linux, BSD, BusyBox), tracepath or tracert print with numeric addresses; null where it
 * tells of no hop.
 */
export function parseHop(line: string): Hop | null {
  const [, number, rest] = /^\s*(\d{1,3})(?::|\s)\s*(.*)$/.exec(line.slice(0, 1000)) ?? [];
  if (number === undefined) return null;
  const addresses: string[] = [];
  const notes: string[] = [];
  const rttMs: number[] = [];
  const tokens = rest.replace(/(\d)\s*ms\b/g, "$1ms").split(/\s+/);
  let lost = /\bno reply\b/.test(rest) ? 1 : 0;
  for (const token of tokens) {
    const address = token.replace(/[.,]$/, "");
    if (isIP(address) !== 0) {
      if (!addresses.includes(address)) addresses.push(address);
    } else if (/^<?\d+(\.\d+)?ms$/.test(token)) rttMs.push(Number.parseFloat(token.replace("<", "")));
    else if (token === "*") lost++;
    else if (/^!\w*$/.test(token) && !notes.includes(token)) notes.push(token);
  }
  if (addresses.length === 0 && lost === 0) return null;
  return {hop: Number(number), addresses, rttMs, lost, note: notes.join(" ") || null};
}
