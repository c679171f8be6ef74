import type {Column, Row} from "./column.ts";

/**
 * One row per sealed part of a capture, with what was read and what was lost. For a file all counts stand in one row; a
 * live capture seals a part every few seconds, whose row counts what came since the one before. Over a lake: packets in
 * flows + non_ip_packets + malformed + unread_packets = packets, less those of flows still open in a live capture.
 */
export const captureColumns = [
  {name: "capture_sha256", type: "VARCHAR", doc: "SHA-256 of the capture file's bytes as stored; of a live capture, whose bytes have no end, that of its interface, filter, start and a random number."},
  {name: "path", type: "VARCHAR", doc: "Name of the file as given to import; the interface of a live capture."},
  {name: "format", type: "VARCHAR", doc: "pcap or pcapng, with .gz or .zst where compressed; live/ and the capture program's name for a live capture."},
  {name: "file_bytes", type: "BIGINT", unit: "bytes", doc: "Size of the file; of a live capture the bytes received so far."},
  {name: "packets", type: "BIGINT", unit: "packets", doc: "Packet records read."},
  {name: "wire_bytes", type: "BIGINT", unit: "bytes", doc: "Sum of frame lengths on the wire."},
  {name: "captured_bytes", type: "BIGINT", unit: "bytes", doc: "Sum of captured lengths."},
  {name: "cut_packets", type: "BIGINT", unit: "packets", doc: "Packets captured shorter than they were on the wire (snapshot length)."},
  {name: "non_ip_packets", type: "BIGINT", unit: "packets", doc: "Well-formed packets that carry no IP (ARP included)."},
  {name: "arp_packets", type: "BIGINT", unit: "packets", doc: "ARP packets; part of non_ip_packets."},
  {name: "malformed", type: "BIGINT", unit: "packets", doc: "Packets whose headers are cut short or contradict themselves before a flow could be keyed."},
  {name: "unread_packets", type: "BIGINT", unit: "packets", doc: "Packets of link types that are not read."},
  {name: "unread", type: "VARCHAR", doc: "JSON object: link type number → packets not read; of a live capture since its beginning."},
  {name: "flows", type: "BIGINT", doc: "Flows made of the capture."},
  {name: "evicted_flows", type: "BIGINT", doc: "Flows ended early because the flow table was full."},
  {name: "first_ts", type: "TIMESTAMP", unit: "µs UTC", nullable: true, doc: "Earliest packet time; NULL without packets."},
  {name: "last_ts", type: "TIMESTAMP", unit: "µs UTC", nullable: true, doc: "Latest packet time; NULL without packets."},
  {name: "kernel_drops", type: "BIGINT", unit: "packets", nullable: true, doc: "Packets the kernel dropped while capturing; NULL where the source cannot know."},
  {name: "interface_drops", type: "BIGINT", unit: "packets", nullable: true, doc: "Packets the interface dropped while capturing; NULL where unknown."},
  {name: "pipe_drops", type: "BIGINT", unit: "packets", nullable: true, doc: "Packets lost between a live capture's program and the meter; NULL for files and where unknown."},
  {name: "dissect_malformed", type: "BIGINT", nullable: true, doc: "Messages of a recognised application protocol that contradict themselves; this and the next ones are NULL in parts of versions that did not keep them."},
  {name: "dissect_given_up", type: "BIGINT", nullable: true, doc: "Times that bytes of application protocols waiting for others were given up, at the limit of a flow or of all flows."},
  {name: "dissect_gaps", type: "BIGINT", nullable: true, doc: "Holes in connections that are read: bytes that were sent and never captured; records go on at the next message behind them."},
  {name: "dissect_cut_texts", type: "BIGINT", nullable: true, doc: "Texts of application records that were longer than what is kept of them (names, paths, header fields: 1,024 bytes and less)."},
  {name: "dissect_dropped_rows", type: "BIGINT", nullable: true, doc: "Rows of application tables (dns, http, tls …) that were dropped as too many waited."},
  {name: "dissect_unread_flows", type: "BIGINT", unit: "flows", nullable: true, doc: "Flows whose protocol was recognised but not read, as too many were being read."},
  {name: "dissect_forgotten_names", type: "BIGINT", nullable: true, doc: "Names from DNS answers that were forgotten for dns_name, as there were too many."},
  {name: "problem", type: "VARCHAR", nullable: true, doc: "Why the file could be read only in part; NULL where it was read whole."},
  {name: "content_sha256", type: "VARCHAR", nullable: true, doc: "SHA-256 of the capture's bytes uncompressed, by which the same capture is recognised however it is compressed; NULL of a live capture, and in parts of versions that did not keep it."},
  {name: "imported_at", type: "TIMESTAMP", unit: "µs UTC", doc: "When it was imported (wall clock)."},
  {name: "meter", type: "VARCHAR", doc: "Meter version and settings as JSON."}
] as const satisfies readonly Column[];

export type CaptureRow = Row<typeof captureColumns>;
