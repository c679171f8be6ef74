/** Fields of an event (core/layout.ts) in 32-bit words. */
export const eventFields = {
  kind: 0,
  slot: 1,
  row: 2,
  direction: 3,
  flowHigh: 4,
  flowLow: 5,
  proto: 6,
  start: 7,
  end: 8,
  streamOffset: 9,
  sourcePort: 10,
  destinationPort: 11,
  version: 12,
  cut: 13,
  time: 14,
  addresses: 16,
  continuedIn: 24,
  acknowledged: 25
} as const;
