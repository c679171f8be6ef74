/** Generated from meter/number-names.ts and schema/features.ts by `npm run cores`; not to be edited. */

/** Columns of `flows` that are numbers, and features. */
export const NUMBERS = 35;
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
export const SRC_FAST_RETRANSMITS: usize = 19;
export const DST_FAST_RETRANSMITS: usize = 20;
export const SRC_SPURIOUS_RETRANSMITS: usize = 21;
export const DST_SPURIOUS_RETRANSMITS: usize = 22;
export const SRC_LATE_PKTS: usize = 23;
export const DST_LATE_PKTS: usize = 24;
export const SRC_DUP_ACKS: usize = 25;
export const DST_DUP_ACKS: usize = 26;
export const SRC_ZERO_WINDOW_PKTS: usize = 27;
export const DST_ZERO_WINDOW_PKTS: usize = 28;
export const SRC_ACK_RTT_MIN_US: usize = 29;
export const SRC_ACK_RTT_MEAN_US: usize = 30;
export const DST_ACK_RTT_MIN_US: usize = 31;
export const DST_ACK_RTT_MEAN_US: usize = 32;
export const RESPONSE_MEAN_US: usize = 33;
export const RESPONSE_MAX_US: usize = 34;
