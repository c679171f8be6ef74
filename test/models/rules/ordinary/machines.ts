import {announce, ask, mac, tell} from "../../../../models/rules/fixtures/rows/arp-rows.ts";
import {
  chance,
  flow,
  ping,
  probe,
  recordOf,
  request,
  rows,
  udp
} from "../../../../models/rules/fixtures/rows/flow-rows.ts";
import type {RuleCase} from "../../../../models/rules/rule-case.ts";
import type {FlowRow} from "../../../../schema/flows.ts";

/** What machines do by themselves on ordinary networks: monitors, things, programs that ask again and again. */

const hex = (i: number) => rows(32, (k) => Math.floor(chance(i * 77 + k) * 16).toString(16)).join("");

const hashes = rows(150, (i) => udp({at: i * 2, to: "10.0.0.1", toPort: 53, service: "dns"}));
const signed = rows(90, (i) => udp({at: i * 2, from: "10.0.0.25", to: "10.0.0.53", toPort: 53, service: "dns"}));
const polled = rows(200, (i) =>
  flow({at: i * 5, to: "93.184.216.40", toPort: 80, service: "http", sent: 420, received: 160})
);
const filtered = rows(400, (i) => udp({at: i * 0.9, from: "10.23.0.25", to: "10.23.0.53", toPort: 53, service: "dns"}));
const lists = ["zen.spamhaus.org", "ix.dnsbl.manitu.net", "bl.blocklist.example", "ebl.msbl.org"];
const calls = rows(75, (i) => flow({at: i * 2, to: "10.18.0.7", toPort: 80, service: "http"}));
const held = rows(40, (i) =>
  flow({at: i * 30.2, lasts: 30, to: "10.62.7.1", toPort: 8065, service: "http", sent: 420, received: 160})
);
const crawled = rows(150, (i) =>
  flow({
    at: i * 1.2,
    from: "66.249.60.9",
    to: "203.0.113.80",
    toPort: 80,
    service: "http",
    sent: 300,
    received: 900 + i * 70
  })
);
const signIns = rows(50, (i) =>
  flow({at: i * 8, lasts: 4, from: "10.64.0.3", to: "10.64.1.1", toPort: 80, service: "http"})
);
const oldPassword = rows(28, (i) =>
  flow({at: Math.floor(i / 2) * 280 + (i % 2), to: "203.0.113.26", toPort: 143, service: "imap"})
);
const switchedOn = udp({
  at: 0,
  lasts: 15,
  from: "0.0.0.0",
  fromPort: 68,
  to: "255.255.255.255",
  toPort: 67,
  service: "dhcp",
  packets: 120,
  answers: 0
});
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
    name: "a filter of mail that asks three lists about addresses and one by digests",
    flows: filtered,
    dns: filtered.map((of, i) => ({
      ...asked(
        of,
        i,
        `${i % 4 === 3 ? `${hex(i)}${hex(i + 1000).slice(0, 8)}` : `${i % 250}.${i % 7}.5.192`}.${lists[i % 4]}`,
        1
      ),
      rcode: i % 9 ? 3 : 0,
      answers: i % 9 ? "[]" : '["127.0.0.2"]'
    })),
    expected: []
  },
  {
    name: "an app whose token runs out again and again",
    flows: calls,
    http: calls.map((of, i) =>
      i % 3 === 2
        ? request(of, "POST", "/oauth/token", 200)
        : request(of, "GET", i % 3 ? "/v1/me" : `/v1/items/${i}`, i % 3 ? 401 : 200)
    ),
    expected: []
  },
  {
    name: "a page whose chat server holds each request for thirty seconds",
    flows: held,
    http: held.map((of) => request(of, "POST", "/cometd/connect", 200)),
    expected: []
  },
  {
    name: "a crawler that reads a page every second, each by a connection of its own",
    flows: crawled,
    http: crawled.map((of, i) => request(of, "GET", `/shop/article-${i}.html`, i % 9 ? 200 : 404)),
    expected: []
  },
  {
    name: "fifty people who sign in by one proxy, and go on to a page",
    flows: signIns,
    http: signIns.flatMap((of) => [
      request(of, "GET", "/login", 200),
      {...request(of, "POST", "/login", 302), ts: of.ts_start + 3e6},
      {...request(of, "GET", "/home", 200), ts: of.ts_start + 3.2e6}
    ]),
    expected: []
  },
  {
    name: "a telephone that keeps an old password of its mailbox",
    flows: oldPassword,
    mail: oldPassword.map((of) => ({...recordOf(of), protocol: "imap", command: "login", user: "ida", success: false})),
    expected: []
  },
  {
    name: "seventy machines that are switched on at once",
    flows: [switchedOn],
    dhcp: rows(70, (i) => ({
      ...recordOf(switchedOn),
      ts: switchedOn.ts_start + i * 0.2e6,
      message: "discover",
      transaction_id: i,
      client_mac: mac(i)
    })),
    arp: rows(70, (i) => ask({at: i * 0.2 + 0.6, by: i, as: "0.0.0.0", whom: `10.22.0.${i + 20}`})),
    expected: []
  },
  {
    name: "a DHCP server that tries by ping whether the addresses that it offers are free",
    flows: [switchedOn, ...rows(40, (i) => ping({at: i * 2, from: "10.19.0.1", to: `10.19.0.${i + 50}`, answers: 0}))],
    dhcp: rows(40, (i) => ({
      ...recordOf(switchedOn),
      ts: switchedOn.ts_start + (i * 2 + 1) * 1e6,
      message: "offer",
      transaction_id: i,
      client_mac: mac(i),
      assigned: `10.19.0.${i + 50}`,
      server: "10.19.0.1"
    })),
    expected: []
  },
  {
    name: "a router that tries a neighbour which refuses it each minute",
    flows: rows(20, (i) => flow({at: i * 60, from: "10.90.0.1", to: "10.90.0.2", toPort: 179, sent: 45, received: 21})),
    expected: []
  },
  {
    name: "a messenger that asks its server by a name that was looked up before the capture",
    flows: [
      ...rows(30, (i) => ({
        ...flow({at: 1 + i * 30, to: "198.51.100.9", service: "tls", sent: 1500, received: 900}),
        server_name: "presence.chat.example"
      })),
      udp({at: 0, to: "10.0.0.53", toPort: 53, service: "dns"})
    ],
    expected: []
  },
  {
    name: "a peer of a network of peers, most of which are gone",
    flows: [
      ...rows(40, (i) =>
        udp({at: i * 3, fromPort: 30_303, to: `198.51.${i}.7`, toPort: 30_303, sent: 157, received: 900})
      ),
      ...rows(30, (i) => probe({at: i * 4, to: `203.0.${i}.7`, toPort: 30_303}))
    ],
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
