import {gzipSync} from "node:zlib";

/** When messages were made. */
const seconds = 1_700_000_010;

/** Logs of one connection and its neighbours in the forms that users have them, as files by their names. */
export const madeLogs: Readonly<Record<string, Uint8Array>> = {
  // Fields in another order than Zeek's own, fewer of them, a head in the middle, and a line that is none.
  "conn.log": Buffer.from(
    [
      "#separator \\x09",
      "#set_separator\t,",
      "#empty_field\t(empty)",
      "#unset_field\t-",
      "#path\tconn",
      "#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes",
      "1700000000.250000\t10.0.0.1\t50000\t192.0.2.9\t443\ttcp\tssl\t1.500000\t517\t4000\tSF\tShADadFf\t9\t1001\t8\t4432",
      "1700000001.000000\t10.0.0.1\t8\t192.0.2.9\t0\ticmp\t-\t-\t-\t-\tOTH\t-\t1\t84\t0\t0",
      "1700000002.000000\t10.0.0.1\tport\t192.0.2.9\t443\ttcp\t-\t-\t-\t-\tS0\tS\t1\t60\t0\t0",
      "#fields\tproto\tid.resp_h\tid.resp_p\tid.orig_h\tid.orig_p\tts\tconn_state",
      "udp\t2001:db8:0:0:0:0:0:1\t53\tfe80::1%eth0\t5353\t1700000003\tS0",
      ""
    ].join("\n")
  ),
  "conn.json": gzipSync(
    [
      {
        ts: "2023-11-14T22:13:20.250000Z",
        "id.orig_h": "10.0.0.1",
        "id.orig_p": 50000,
        "id.resp_h": "192.0.2.9",
        "id.resp_p": 443,
        proto: "tcp",
        conn_state: "SF",
        orig_pkts: 9,
        resp_pkts: 8,
        community_id: "1:own",
        vlan: 7
      },
      {
        ts: 1700000000.25,
        "id.orig_h": "10.0.0.1",
        "id.orig_p": 50001,
        "id.resp_h": "192.0.2.9",
        "id.resp_p": 6379,
        proto: "tcp",
        conn_state: "S0"
      }
    ]
      .map((record) => JSON.stringify(record))
      .join("\n")
  ),
  "eve.json": Buffer.from(
    [
      {timestamp: "2023-11-14T22:13:30.000000+0000", event_type: "stats", stats: {uptime: 8}},
      {
        timestamp: "2023-11-14T22:13:30.000000+0000",
        event_type: "flow",
        src_ip: "10.0.0.1",
        src_port: 50000,
        dest_ip: "192.0.2.9",
        dest_port: 443,
        proto: "TCP",
        app_proto: "tls",
        vlan: [12],
        flow: {
          pkts_toserver: 9,
          pkts_toclient: 8,
          bytes_toserver: 1127,
          bytes_toclient: 4544,
          start: "2023-11-14T23:13:20.250000+0100",
          end: "2023-11-14T23:13:21.750000+0100",
          reason: "timeout"
        },
        tcp: {tcp_flags_ts: "1b", tcp_flags_tc: "1b"}
      },
      {
        timestamp: "2023-11-14T22:13:31.000000+0000",
        event_type: "flow",
        src_ip: "10.0.0.1",
        dest_ip: "192.0.2.9",
        proto: "ICMP",
        icmp_type: 8,
        icmp_code: 0,
        app_proto: "failed",
        flow: {
          pkts_toserver: 1,
          pkts_toclient: 1,
          bytes_toserver: 98,
          bytes_toclient: 98,
          start: "2023-11-14T22:13:31.000000+0000",
          end: "2023-11-14T22:13:31.020000+0000",
          reason: "shutdown"
        }
      }
    ]
      .map((record) => JSON.stringify(record))
      .join("\n")
  ),
  // Columns in another order, separated by semicolons, cells in quotes.
  "nfstream.csv": Buffer.from(
    [
      "protocol;src_ip;src_port;dst_ip;dst_port;vlan_id;bidirectional_first_seen_ms;bidirectional_last_seen_ms;src2dst_packets;src2dst_bytes;dst2src_packets;dst2src_bytes;application_name;requested_server_name;src2dst_syn_packets;src2dst_fin_packets;src2dst_rst_packets;dst2src_syn_packets;dst2src_fin_packets;dst2src_rst_packets",
      '6;10.0.0.1;50000;192.0.2.9;443;0;1700000000250;1700000001750;9;1127;8;4544;"TLS.Google";"a ""name"".example";1;0;0;1;0;1',
      "17;10.0.0.1;50000;192.0.2.9;53;0;1700000000250;1700000000250;1;70;0;0;Unknown;;0;0;0;0;0;0"
    ].join("\r\n")
  ),
  // A version's own spelling of the columns; the hour with AM and PM.
  "cic.csv": Buffer.from(
    [
      " Source IP, Source Port, Destination IP, Destination Port, Protocol, Timestamp, Flow Duration, Total Fwd Packets, Total Backward Packets,Total Length of Fwd Packets, Total Length of Bwd Packets, Label",
      "10.0.0.1,50000,192.0.2.9,443,6,14/11/2023 10:13:20 PM,1500000,9,8,517.0,4000.0,BENIGN",
      "10.0.0.1,50000,192.0.2.9,443,6,NaN,1500000,9,8,517.0,4000.0,BENIGN"
    ].join("\n")
  ),
  "v5.nf": v5(),
  "v9.nf": v9(),
  "flows.ipfix": ipfix()
};

/** A message of version 5: the two directions of a connection, sampled; the exporter began 20 s before it. */
function v5(): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt16BE(5, 0);
  head.writeUInt16BE(2, 2);
  head.writeUInt32BE(20_000, 4);
  head.writeUInt32BE(seconds, 8);
  // Every hundredth packet, in turn.
  head.writeUInt16BE(0x4000 | 100, 22);
  const record = (src: string, sport: number, dst: string, dport: number, packets: number, bytes: number) => {
    const row = Buffer.alloc(48);
    Buffer.from(src.split(".").map(Number)).copy(row, 0);
    Buffer.from(dst.split(".").map(Number)).copy(row, 4);
    row.writeUInt32BE(packets, 16);
    row.writeUInt32BE(bytes, 20);
    row.writeUInt32BE(10_250, 24);
    row.writeUInt32BE(11_750, 28);
    row.writeUInt16BE(sport, 32);
    row.writeUInt16BE(dport, 34);
    row[37] = 0x1b;
    row[38] = 6;
    return row;
  };
  return Buffer.concat([
    head,
    record("192.0.2.9", 443, "10.0.0.1", 50_000, 8, 4432),
    record("10.0.0.1", 50_000, "192.0.2.9", 443, 9, 1001)
  ]);
}

function set(id: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([shorts(id, body.length + 4), body]);
}

function shorts(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, 2 * i);
  return bytes;
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Two messages of version 9: data before its template, then the template with data of it (IPv6, one direction). */
function v9(): Buffer {
  const head = (count: number) => Buffer.concat([shorts(9, count), long(20_000), long(seconds), long(1), long(99)]);
  const template = set(0, shorts(256, 8), shorts(27, 16, 28, 16, 7, 2, 11, 2, 4, 1, 2, 4, 1, 4, 22, 4));
  const address = (last: number) => Buffer.concat([Buffer.from("20010db8", "hex"), Buffer.alloc(11), Buffer.of(last)]);
  const data = set(
    256,
    address(1),
    address(2),
    shorts(50_000, 53),
    Buffer.of(17),
    long(1),
    long(70),
    long(10_250),
    Buffer.alloc(3)
  );
  return Buffer.concat([head(1), data, head(2), template, data]);
}

/** A message of IPFIX with the way back in the same record (RFC 5103), a text of any length, and times since the exporter began. */
function ipfix(): Buffer {
  const wide = (value: number) => Buffer.concat([long(Math.floor(value / 2 ** 32)), long(value % 2 ** 32)]);
  const options = set(3, shorts(256, 2, 1, 143, 4, 160, 8));
  const began = set(256, long(1), wide(1_700_000_000_000));
  const template = set(
    2,
    shorts(300, 12, 8, 4, 12, 4, 7, 2, 11, 2, 4, 1, 2, 8, 1, 8),
    Buffer.concat([shorts(0x8002, 8), long(29_305), shorts(0x8001, 8), long(29_305)]),
    Buffer.concat([shorts(0x8001, 0xffff), long(9), shorts(22, 4, 21, 4)])
  );
  const data = set(
    300,
    Buffer.of(10, 0, 0, 1, 192, 0, 2, 9),
    shorts(50_000, 443),
    Buffer.of(6),
    ...[9, 1001, 8, 4432].map(wide),
    Buffer.of(3),
    Buffer.from("abc"),
    long(250),
    long(1750)
  );
  // A record of the same connection without addresses: bytes and packets by port.
  const nowhere = set(301, shorts(443), long(9));
  const without = set(2, shorts(301, 2, 11, 2, 2, 4));
  const body = Buffer.concat([options, template, began, data, without, nowhere]);
  return Buffer.concat([shorts(10, body.length + 16), long(seconds), long(1), long(5), body]);
}
