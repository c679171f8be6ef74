/** The two ends of a flow as its first packet shows them; null where that has no IP header. */
export interface FlowEnds {
  readonly proto: number | null;
  readonly src: string | null;
  readonly srcPort: number;
  readonly dst: string | null;
  readonly dstPort: number;
}

/** A flow of the list of recent ones; once it has ended all of it is the meter's. */
export interface RecentFlow extends FlowEnds {
  /** `flow_id` as text. */
  readonly id: string;
  /** First and last packet, µs since 1970. */
  readonly start: number;
  readonly end: number;
  readonly packets: number;
  /** On the wire, both ways. */
  readonly bytes: number;
  /** Null while it is under way, or where it was not recognised. */
  readonly service: string | null;
  /** Zeek's `conn_state`; null while it is under way. */
  readonly state: string | null;
  readonly isOver: boolean;
}

/** A flow as its row of `flows` tells it; `cell` reads a column's value. */
export function flowOfRow(cell: (name: string, row: number) => number | bigint | string | null, row: number, id: string, isOpen: boolean): RecentFlow {
  const number = (name: string) => Number(cell(name, row));
  const text = (name: string) => cell(name, row) as string | null;
  return {
    id,
    proto: number("proto"),
    src: text("src_ip"),
    srcPort: number("src_port"),
    dst: text("dst_ip"),
    dstPort: number("dst_port"),
    start: number("ts_start"),
    end: number("ts_end"),
    packets: number("src_pkts") + number("dst_pkts"),
    bytes: number("src_wire_bytes") + number("dst_wire_bytes"),
    service: text("service"),
    state: isOpen ? null : text("conn_state"),
    isOver: !isOpen
  };
}
