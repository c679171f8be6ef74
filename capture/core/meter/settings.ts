/** What the host sets before the first packet; times in µs. */
export let idleTimeout: f64 = 120e6;
export let activeTimeout: f64 = 1800e6;
export let captureSeed: u64 = 0;

/** Whether packets with a wrong checksum are told apart; their payload must then be read. */
export let verifiesChecksums: bool = false;

/** Whether packets that were captured twice are left out (duplicates.ts). */
export let leavesOut: bool = false;

/** A closed TCP connection keeps its row this long for packets that come late (Zeek's tcp_close_delay). */
export const CLOSE_GRACE: f64 = 5e6;
/** A SYN that nobody answers is given up this long after it (Zeek's tcp_attempt_delay), or with the idle timeout. */
export let attemptWait: f64 = 5e6;
/** Payload packets of a flow handed out in each direction; the sink says when it has enough, mostly long before. */
export const PAYLOADS: u32 = 65535;

/** Whether payloads are asked for: by the host, or by who reads them here. */
export let hostAsks: bool = true;
export let readerAsks: bool = false;

export function askPayloads(asks: bool): void {
  hostAsks = asks;
}

export function readPayloads(reads: bool): void {
  readerAsks = reads;
}

export function setSettings(idle: f64, active: f64, seed: u64, verifies: bool, dedups: bool): void {
  idleTimeout = idle;
  activeTimeout = active;
  attemptWait = min<f64>(idle, 5e6);
  captureSeed = seed;
  verifiesChecksums = verifies;
  leavesOut = dedups;
}
