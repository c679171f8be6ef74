import type {Column, Row} from "./column.ts";

/**
 * One row per sealed part of a capture, with counts of what was read and what was lost. A file has one row. A live
 * capture seals a part every few seconds; each row counts what arrived since the part before. Summed over a lake: packets in
 * flows + non_ip_packets + malformed + unread_packets + left_out_packets = packets, less those of flows still open in a live capture.
 */
export const captureColumns = [
  {name: "capture_sha256", type: "VARCHAR", doc: "SHA-256 of the capture file's bytes as stored; for a live capture, SHA-256 of its interface, filter, start time and a random number."},
  {name: "path", type: "VARCHAR", doc: "Absolute path of the file that was imported; the name that was given for it (`--name`, an upload, `-` for standard input); the interface of a live capture. Versions before kept relative paths as they were typed."},
  {name: "format", type: "VARCHAR", doc: "pcap or pcapng, with .gz or .zst where compressed; live/ and the capture program's name for a live capture."},
  {name: "file_bytes", type: "BIGINT", unit: "bytes", doc: "Size of the file; for a live capture the bytes received so far."},
  {name: "packets", type: "BIGINT", unit: "packets", doc: "Packet records read."},
  {name: "wire_bytes", type: "BIGINT", unit: "bytes", doc: "Sum of frame lengths on the wire."},
  {name: "captured_bytes", type: "BIGINT", unit: "bytes", doc: "Sum of captured lengths."},
  {name: "cut_packets", type: "BIGINT", unit: "packets", doc: "Packets captured shorter than they were on the wire (snapshot length)."},
  {name: "non_ip_packets", type: "BIGINT", unit: "packets", doc: "Well-formed packets that carry no IP (ARP included)."},
  {name: "arp_packets", type: "BIGINT", unit: "packets", doc: "ARP packets; part of non_ip_packets."},
  {name: "malformed", type: "BIGINT", unit: "packets", doc: "Packets whose headers are cut short or inconsistent, so that they could not be assigned to a flow."},
  {name: "duplicate_packets", type: "BIGINT", unit: "packets", nullable: true, doc: "Packets that were captured more than once, by a mirror port or on several interfaces: the same bytes as one of the sixteen packets before, within 1 ms; NULL where an earlier version did not look for them.", source: "editcap -w 0.001"},
  {name: "left_out_packets", type: "BIGINT", unit: "packets", nullable: true, doc: "Of duplicate_packets those that are in no flow: all with import --dedup, else none."},
  {
    name: "misdated_packets",
    type: "BIGINT",
    unit: "packets",
    nullable: true,
    doc: "Packets dated wrongly: up to four behind one another that are more than two minutes from those before and after them, or a first or last one that is years off. They count at the time of the packet before, so that a wrong clock ends no flow; NULL where an earlier version did not look for them."
  },
  {name: "unread_packets", type: "BIGINT", unit: "packets", doc: "Packets with a link type that flowbook does not support."},
  {name: "unread", type: "VARCHAR", doc: "JSON object: number of packets for each unsupported link type (by its number); for a live capture counted since its start."},
  {name: "flows", type: "BIGINT", doc: "Flows metered from the capture."},
  {name: "evicted_flows", type: "BIGINT", doc: "Flows ended early because the flow table was full."},
  {name: "first_ts", type: "TIMESTAMP", unit: "µs UTC", nullable: true, doc: "Earliest packet time; NULL without packets."},
  {name: "last_ts", type: "TIMESTAMP", unit: "µs UTC", nullable: true, doc: "Latest packet time; NULL without packets."},
  {name: "kernel_drops", type: "BIGINT", unit: "packets", nullable: true, doc: "Packets the kernel dropped while capturing; NULL where the source cannot report it."},
  {name: "interface_drops", type: "BIGINT", unit: "packets", nullable: true, doc: "Packets the interface dropped while capturing; NULL where unknown."},
  {name: "pipe_drops", type: "BIGINT", unit: "packets", nullable: true, doc: "Packets lost between the capture program and the meter; NULL for files and where unknown."},
  {name: "dissect_malformed", type: "BIGINT", nullable: true, doc: "Malformed messages of a recognised application protocol. This column and the other dissect_ columns are NULL in parts written by versions without them."},
  {name: "dissect_given_up", type: "BIGINT", nullable: true, doc: "How often reassembly dropped buffered bytes because the buffer limit of a flow, or of all flows, was reached."},
  {name: "dissect_gaps", type: "BIGINT", nullable: true, doc: "Gaps in dissected connections: bytes that were sent but not captured. Dissection resumes at the next message after a gap."},
  {name: "dissect_cut_texts", type: "BIGINT", nullable: true, doc: "Texts of application records (names, paths, header fields) that were truncated to the maximum length: 4,096 bytes for an HTTP URI, Referer or Location, 1,024 bytes or less for most others."},
  {name: "dissect_dropped_rows", type: "BIGINT", nullable: true, doc: "Rows of application records (dns, http, tls …) that were dropped because the output buffer was full."},
  {name: "dissect_unread_flows", type: "BIGINT", unit: "flows", nullable: true, doc: "Flows whose protocol was recognised but not dissected, because too many flows were being dissected."},
  {name: "dissect_forgotten_names", type: "BIGINT", nullable: true, doc: "Names from DNS answers that were evicted from the name table, and so missing in dns_name, because it was full."},
  {name: "problem", type: "VARCHAR", nullable: true, doc: "Why the file could be read only in part; NULL where it was read completely."},
  {name: "content_sha256", type: "VARCHAR", nullable: true, doc: "SHA-256 of the uncompressed capture file; the same capture is recognised by it whatever its compression; NULL for a live capture, and in parts written by versions without this column."},
  {name: "sensor", type: "VARCHAR", nullable: true, doc: "Name of the machine that captured or imported it (setting `sensor`); NULL in parts written by versions without this column."},
  {name: "imported_at", type: "TIMESTAMP", unit: "µs UTC", doc: "Time of the import (wall clock)."},
  {name: "meter", type: "VARCHAR", doc: "Meter version and settings as JSON."}
] as const satisfies readonly Column[];

export type CaptureRow = Row<typeof captureColumns>;
