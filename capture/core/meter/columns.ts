/** Generated from meter/number-names.ts and schema/features.ts by `npm run cores`; not to be edited. */

/** Columns of `flows` that are numbers, and features. */
export const NUMBERS = 19;
export const FEATURES = 119;

/** Places of the numbers. */
export const TS_START: usize = 0;
export const TS_END: usize = 1;
export const DURATION_US: usize = 2;
export const SRC_PORT: usize = 3;
export const DST_PORT: usize = 4;
export const PROTO: usize = 5;
export const VLAN: usize = 6;
export const VLAN_INNER: usize = 7;
export const SRC_PKTS: usize = 8;
export const DST_PKTS: usize = 9;
export const SRC_WIRE_BYTES: usize = 10;
export const DST_WIRE_BYTES: usize = 11;
export const SRC_IP_BYTES: usize = 12;
export const DST_IP_BYTES: usize = 13;
export const SRC_PAYLOAD_BYTES: usize = 14;
export const DST_PAYLOAD_BYTES: usize = 15;
export const RTT_US: usize = 16;
export const SRC_RETRANSMITS: usize = 17;
export const DST_RETRANSMITS: usize = 18;
