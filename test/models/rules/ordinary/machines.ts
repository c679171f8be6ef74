import {announce, ask, tell} from "../../../../models/rules/fixtures/rows/arp-rows.ts";
import {chance, flow, ping, recordOf, request, rows, udp} from "../../../../models/rules/fixtures/rows/flow-rows.ts";
import type {RuleCase} from "../../../../models/rules/rule-case.ts";
import type {FlowRow} from "../../../../schema/flows.ts";

/** What machines do by themselves on ordinary networks: monitors, things, programs that ask again and again. */

const hex = (i: number) => rows(32, (k) => Math.floor(chance(i * 77 + k) * 16).toString(16)).join("");

const hashes = rows(150, (i) => udp({at: i * 2, to: "10.0.0.1", toPort: 53, service: "dns"}));
const signed = rows(90, (i) => udp({at: i * 2, from: "10.0.0.25", to: "10.0.0.53", toPort: 53, service: "dns"}));
const polled = rows(200, (i) =>
  flow({at: i * 5, to: "93.184.216.40", toPort: 80, service: "http", sent: 420, received: 160})
);
const replies = rows(12, (i) => flow({at: i * 30, to: "93.184.216.77", toPort: 80, service: "http", sent: 900}));

function asked(of: FlowRow, i: number, query: string, qtype: number) {
  return {...recordOf(of), client_ip: of.src_ip, server_ip: of.dst_ip, transaction_id: i, query, qtype, rcode: 0};
}

export const cases: readonly RuleCase[] = [
  {
    name: "a monitor that pings 120 hosts five times each, every five minutes, three of them switched off",
    flows: rows(360, (i) =>
      ping({
        at: Math.floor(i / 120) * 300 + (i % 120) * 0.3,
        from: "10.40.0.2",
        to: `10.40.1.${(i % 120) + 1}`,
        packets: 5,
        answers: i % 40 === 7 ? 0 : 5
      })
    ),
    expected: []
  },
  {
    name: "a monitor that pings eighty hosts for the first time",
    flows: rows(80, (i) =>
      ping({at: i * 0.2, from: "10.7.0.2", to: `10.7.2.${i + 1}`, packets: 3, answers: i % 40 === 5 ? 0 : 3})
    ),
    expected: []
  },
  {
    name: "twenty tests of each of eight lines by ping, every five minutes",
    flows: rows(24, (i) =>
      ping({at: Math.floor(i / 8) * 300, lasts: 20, from: "10.43.0.2", to: `10.43.1.${(i % 8) + 1}`, packets: 20})
    ),
    expected: []
  },
  {
    name: "things that report to a maker by its name each minute, looked up before the capture",
    flows: rows(120, (i) => ({
      ...flow({
        at: Math.floor(i / 2) * 60,
        from: `10.0.7.${(i % 2) + 1}`,
        to: "198.51.100.7",
        toPort: i % 2 ? 443 : 8883,
        service: "tls",
        sent: 610,
        received: 3900
      }),
      server_name: "iot.maker.example"
    })),
    expected: []
  },
  {
    name: "an antivirus program that asks its maker about files by their hashes",
    flows: hashes,
    dns: hashes.map((of, i) => asked(of, i, `${hex(i)}.avqs.mcafee.com`, 1)),
    expected: []
  },
  {
    name: "a mail server that looks up who may send, for thirty domains",
    flows: signed,
    dns: signed.map((of, i) => {
      const domain = `d${Math.floor(i / 3)}.example`;
      return asked(of, i, [domain, `_dmarc.${domain}`, `s${i}._domainkey.${domain}`][i % 3], 16);
    }),
    expected: []
  },
  {
    name: "a page that asks its server for news every five seconds",
    flows: polled,
    http: polled.map((of, i) => ({
      ...request(of, "GET", `/api/poll?since=${i}`, 200),
      user_agent: "Mozilla/5.0",
      referer: "http://app.example/"
    })),
    expected: []
  },
  {
    name: "somebody who writes to a forum",
    flows: replies,
    http: replies.map((of) => ({
      ...request(of, "POST", "/forum/posting.php", 302),
      user_agent: "Mozilla/5.0",
      referer: "http://forum.example/forum/",
      request_type: "application/x-www-form-urlencoded"
    })),
    expected: []
  },
  {
    name: "a machine at home that is reached by a dynamic name, its page and its shell",
    flows: [
      {...flow({at: 0, to: "198.51.100.20", service: "tls", received: 40_000}), server_name: "nas.ddns.net"},
      {...flow({at: 60, lasts: 300, to: "198.51.100.20", toPort: 22, service: "ssh"}), dns_name: "nas.ddns.net"}
    ],
    expected: []
  },
  {
    name: "a machine that stands in for another for half a minute",
    flows: [],
    arp: [
      ...rows(5, (i) => announce({at: 25 + i * 0.1, by: 2, has: "10.0.0.100"})),
      ...rows(5, (i) => announce({at: 52 + i * 0.1, by: 1, has: "10.0.0.100"})),
      ...rows(10, (i) => [
        ask({at: i * 6 + 1, by: 7, whom: "10.0.0.100"}),
        tell({at: i * 6 + 1.01, by: i * 6 > 25 && i * 6 < 51 ? 2 : 1, has: "10.0.0.100", whom: 7})
      ]).flat()
    ],
    expected: []
  }
];
