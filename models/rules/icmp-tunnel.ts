import {defineRule, type RuleRow} from "./rule.ts";
import {amount, atLeast, fact, span} from "./wording.ts";

type Row = RuleRow & {
  capture_sha256: string;
  src_ip: string;
  dst_ip: string;
  ts_start: number;
  ts_end: number;
  flows: number;
  packets: number;
  sent: number;
  received: number;
  sent_packets: number;
  received_packets: number;
};

const limits = {
  payload: {value: 10_000, unit: "bytes", doc: "Echo payload in both directions together"},
  packets: {value: 20, unit: "packets", doc: "Echo requests and replies together"},
  answered: {
    value: 0.3,
    unit: "of the requests",
    doc: "Least number of replies, so that fragments of a great request do not count as traffic both ways"
  },
  asymmetry: {
    value: 0.2,
    unit: "of the larger",
    doc: "Difference of the mean payload of requests and replies: a reply repeats its request"
  },
  words: {
    value: 500,
    unit: "bytes",
    doc: "Enough where the two directions differ by more than half and nearly every request is answered: a shell sends words, not files"
  },
  word_asymmetry: {
    value: 0.5,
    unit: "of the larger",
    doc: "Least difference of the mean payloads then"
  },
  word_answered: {value: 0.8, unit: "of the requests", doc: "Least number of replies then"},
  unasked: {
    value: 1.5,
    unit: "replies a request",
    doc: "From so many replies to a request on they carry data of their own: a request has one"
  },
  large_payload: {
    value: 100_000,
    unit: "bytes",
    doc: "Echo payload in both directions from which on no asymmetry is needed; the severity is medium below five million"
  },
  many: {
    value: 300,
    unit: "packets",
    doc: "Echo requests and replies then; a test of the line with large packets has a few"
  },
  large_packet: {value: 200, unit: "bytes", doc: "Least mean payload then; ping has 32 to 56"}
} as const;

/**
 * ICMP tunnel: echo packets carry data. A reply must repeat its request's data (RFC 792, RFC 4443 §4.2), so where the
 * sizes of the two directions differ, or replies come that nobody asked for, or the volume is great, they are no test of a line.
 */
export const icmpTunnel = defineRule<typeof limits, Row>({
  name: "icmp_tunnel",
  doc: "ICMP echo packets between two hosts carry data of their own in each direction.",
  blindTo:
    "The payload itself: a tunnel that answers in equal sizes and little volume looks like ping; other ICMP types. A test of the line by many large packets looks like a tunnel, and a line that doubles packets looks like replies that nobody asked for.",
  attackTechnique: "T1095",
  severity: "high",
  limits,
  tables: ["flows"],
  startsFrom: {flows: "proto IN (1, 58)"},
  countedFlows: "f.proto IN (1, 58)",
  query: (
    scope,
    {
      payload,
      packets,
      answered,
      asymmetry,
      words,
      word_asymmetry,
      word_answered,
      unasked,
      large_payload,
      many,
      large_packet
    }
  ) => `
    SELECT * FROM (
      SELECT capture_sha256, src_ip, dst_ip, min(ts_start) AS ts_start, max(ts_end) AS ts_end, count(*) AS flows,
        sum(src_pkts + dst_pkts) AS packets, sum(src_payload_bytes) AS sent, sum(dst_payload_bytes) AS received,
        sum(src_pkts) AS sent_packets, sum(dst_pkts) AS received_packets
      FROM ${scope.rows("flows")} f WHERE (proto = 1 AND src_port IN (8, 0)) OR (proto = 58 AND src_port IN (128, 129))
      GROUP BY capture_sha256, src_ip, dst_ip) t
    WHERE packets >= ${packets.value} AND sent_packets > 0 AND received_packets > 0 AND received_packets >= ${answered.value} * sent_packets AND (
      (sent + received >= ${payload.value} AND abs(CAST(sent AS DOUBLE) / sent_packets - CAST(received AS DOUBLE) / received_packets)
        >= ${asymmetry.value} * greatest(CAST(sent AS DOUBLE) / sent_packets, CAST(received AS DOUBLE) / received_packets))
      OR (sent + received >= ${words.value} AND received_packets BETWEEN ${word_answered.value} * sent_packets AND sent_packets / ${word_answered.value}
        AND abs(CAST(sent AS DOUBLE) / sent_packets - CAST(received AS DOUBLE) / received_packets)
          >= ${word_asymmetry.value} * greatest(CAST(sent AS DOUBLE) / sent_packets, CAST(received AS DOUBLE) / received_packets))
      OR (sent + received >= ${payload.value} AND received_packets >= ${unasked.value} * sent_packets)
      OR (sent + received >= ${large_payload.value} AND packets >= ${many.value} AND sent + received >= ${large_packet.value} * packets))`,
  incidents: (rows) =>
    rows.map(
      ({
        capture_sha256,
        src_ip,
        dst_ip,
        ts_start,
        ts_end,
        flows,
        packets,
        sent,
        received,
        sent_packets,
        received_packets
      }) => {
        const [out, back] = [sent / sent_packets, received / received_packets];
        const difference = Math.abs(out - back) / Math.max(out, back);
        const asymmetric = difference >= limits.asymmetry.value;
        const isUnasked = received_packets >= limits.unasked.value * sent_packets;
        return {
          capture_sha256,
          ts_start,
          ts_end,
          src_ip,
          dst_ip,
          dst_port: null,
          flows,
          severity: asymmetric || isUnasked || sent + received >= 5e6 ? "high" : "medium",
          summary: `${src_ip} and ${dst_ip} exchanged ${amount(sent + received)} bytes in ICMP echo packets in ${span(ts_end - ts_start)}; requests have ${amount(Math.round(out))} bytes, replies ${amount(Math.round(back))}.`,
          reasons: [
            atLeast(
              "echo payload",
              sent + received,
              sent + received < limits.payload.value
                ? limits.words
                : asymmetric || isUnasked
                  ? limits.payload
                  : limits.large_payload
            ),
            asymmetric
              ? atLeast("difference of mean payloads", difference, limits.asymmetry)
              : isUnasked
                ? atLeast("replies to a request", received_packets / sent_packets, limits.unasked)
                : atLeast("mean payload", (sent + received) / packets, limits.large_packet),
            atLeast("packets", packets, limits.packets),
            fact("requests and replies", `${amount(sent_packets)} and ${amount(received_packets)}`)
          ]
        };
      }
    ),
  yieldsTo: (incident, other) => other.rule === "icmp_flood" && other.dst_ip === incident.dst_ip
});
