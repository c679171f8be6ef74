import {chance, flow, ping, recordOf, request, rows, udp} from "../../../../models/rules/fixtures/rows/flow-rows.ts";
import type {RuleCase} from "../../../../models/rules/rule-case.ts";

/** Busy ordinary life of kinds of network that no capture at hand has. No rule may take it for an attack. */

const pick = (i: number, n: number) => Math.floor(chance(i) * n);
const far = (i: number) =>
  `${[23, 52, 104, 142, 151, 185][i % 6]}.${pick(i, 200) + 10}.${pick(i + 7, 250)}.${(i % 250) + 1}`;
const bare = {sent: 0, received: 0, packets: 3, answers: 2, lasts: 0.002, history: "ShAFf"};

/** A host's browsing by names: `n` connections within `seconds`. */
const browsing = (from: string, n: number, seconds: number, seed = 0) =>
  rows(n, (i) => ({
    ...flow({
      at: seconds * chance(seed + i),
      from,
      to: far(seed + pick(seed + i, 60)),
      service: "tls",
      lasts: 1 + 40 * chance(i + 3),
      sent: 600 + pick(i, 6000),
      received: 3000 + pick(i + 1, 90_000)
    }),
    server_name: `s${pick(seed + i, 60)}.example.net`
  }));

const crawled = rows(400, (i) =>
  flow({at: i * 1.5 + chance(i), from: "10.0.0.30", to: far(i % 20), toPort: 80, service: "http", received: 9000})
);
const telephones = rows(480, (i) =>
  udp({
    at: Math.floor(i / 60) * 60 + (i % 60),
    from: `10.0.8.${(i % 60) + 1}`,
    fromPort: 5060,
    to: "10.0.8.250",
    toPort: 5060,
    service: "sip",
    packets: 2,
    answers: 2,
    sent: 1400,
    received: 900
  })
);
const fetches = rows(40, (i) =>
  flow({
    at: i * 5,
    from: "10.0.0.40",
    to: "140.82.121.3",
    toPort: 22,
    service: "ssh",
    lasts: 1.5,
    sent: 3400,
    received: 4800
  })
);
const lists = rows(600, (i) => udp({at: i * 0.9, from: "10.0.0.25", to: "10.0.0.53", toPort: 53, service: "dns"}));
const delivered = rows(90, (i) =>
  flow({at: i * 6, from: "10.0.0.25", to: far(i), toPort: 25, service: "smtp", sent: 9000, received: 700})
);
const received = rows(60, (i) =>
  flow({at: i * 9, from: far(i + 300), to: "10.0.0.25", toPort: 25, service: "smtp", sent: 12_000, received: 700})
);

export const cases: readonly RuleCase[] = [
  {
    name: "a backup of twenty machines at night",
    flows: rows(20, (i) =>
      flow({
        at: i * 20,
        from: `10.0.0.${i + 10}`,
        to: "10.0.0.9",
        toPort: i % 2 ? 445 : 9102,
        service: i % 2 ? "smb" : null,
        lasts: 400,
        sent: 4_000_000_000,
        received: 9_000_000
      })
    ),
    expected: []
  },
  {
    name: "a monitor that pings a hundred hosts each minute",
    flows: rows(900, (i) =>
      ping({
        at: Math.floor(i / 100) * 60 + (i % 100) * 0.05,
        from: "10.0.0.2",
        to: `10.0.5.${(i % 100) + 1}`,
        packets: 2
      })
    ),
    expected: []
  },
  {
    name: "a monitor that opens and closes connections to a hundred machines each minute",
    flows: rows(900, (i) =>
      flow({
        at: Math.floor(i / 100) * 60 + (i % 100) * 0.05,
        from: "10.0.0.2",
        to: `10.0.5.${(i % 100) + 1}`,
        toPort: 22,
        ...bare
      })
    ),
    expected: []
  },
  {
    name: "a monitor that asks eighty devices by SNMP each minute",
    flows: rows(640, (i) =>
      udp({
        at: Math.floor(i / 80) * 60 + (i % 80) * 0.2,
        from: "10.0.0.2",
        to: `10.0.6.${(i % 80) + 1}`,
        toPort: 161,
        service: "snmp",
        packets: 30,
        answers: 30,
        sent: 2400,
        received: 36_000,
        lasts: 3
      })
    ),
    expected: []
  },
  {
    name: "an orchestrator's health checks of forty containers every ten seconds",
    flows: rows(1600, (i) =>
      flow({
        at: Math.floor(i / 40) * 10 + (i % 40) * 0.01,
        from: "10.42.0.1",
        to: `10.42.0.${(i % 40) + 10}`,
        toPort: 8080,
        ...(i % 2 ? bare : {service: "http", sent: 120, received: 160, lasts: 0.01})
      })
    ),
    expected: []
  },
  {
    name: "a load balancer that tries ten servers every five seconds, two of them down",
    flows: rows(1000, (i) =>
      flow({
        at: Math.floor(i / 10) * 5,
        from: "10.0.0.3",
        to: `10.0.2.${(i % 10) + 1}`,
        toPort: 443,
        ...bare,
        ...(i % 10 > 7 ? {packets: 1, answers: 1, history: "Sr", state: "REJ"} : {})
      })
    ),
    expected: []
  },
  {
    name: "printers that thirty clients use, one of them switched off",
    flows: [
      ...rows(120, (i) =>
        flow({
          at: i * 4,
          from: `10.0.1.${(i % 30) + 1}`,
          to: `10.0.4.${(i % 6) + 1}`,
          toPort: 9100,
          lasts: 5,
          sent: 400_000,
          received: 200
        })
      ),
      ...rows(240, (i) =>
        udp({
          at: i * 2,
          from: `10.0.1.${(i % 30) + 1}`,
          to: `10.0.4.${(i % 7) + 1}`,
          toPort: 161,
          service: "snmp",
          answers: i % 7 === 6 ? 0 : 1,
          received: i % 7 === 6 ? 0 : 90
        })
      ),
      ...rows(90, (i) =>
        flow({
          at: i * 6,
          from: `10.0.1.${(i % 30) + 1}`,
          to: "10.0.4.7",
          toPort: 9100,
          sent: 0,
          received: 0,
          packets: 3,
          answers: 0,
          history: "S",
          state: "S0"
        })
      )
    ],
    expected: []
  },
  {
    name: "a gateway behind whose one address two hundred people browse",
    flows: [
      ...browsing("10.9.0.1", 2500, 500),
      ...rows(100, (i) =>
        flow({
          at: i * 5 + chance(i),
          from: "10.9.0.1",
          to: far(pick(i, 90)),
          sent: 0,
          received: 0,
          packets: 3,
          answers: i % 2,
          history: i % 2 ? "Sr" : "S",
          state: i % 2 ? "REJ" : "S0"
        })
      ),
      ...rows(160, (i) =>
        udp({at: i * 3, from: "10.9.0.1", to: far(i % 4), toPort: 123, service: "ntp", sent: 48, received: 48})
      ),
      ...rows(900, (i) =>
        udp({at: i * 0.5, from: "10.9.0.1", to: "9.9.9.9", toPort: 53, service: "dns", sent: 40, received: 140})
      )
    ],
    expected: []
  },
  {
    name: "a busy resolver whose servers answer late, or not",
    flows: rows(3000, (i) =>
      udp({
        at: i * 0.15,
        from: "10.0.0.53",
        fromPort: 20_000 + pick(i, 40_000),
        to: far(pick(i, 900)),
        toPort: 53,
        service: "dns",
        sent: 45 + pick(i, 20),
        answers: i % 12 ? 1 : 0,
        received: i % 12 ? 120 + pick(i + 5, 600) : 0
      })
    ),
    expected: []
  },
  {
    name: "a mail relay that asks lists of spammers, delivers and receives",
    flows: [...lists, ...delivered, ...received],
    dns: lists.map((of, i) => ({
      ...recordOf(of),
      client_ip: of.src_ip,
      server_ip: of.dst_ip,
      transaction_id: i,
      query:
        i % 4 === 3
          ? `mx.d${pick(i, 80)}.example`
          : `${pick(i, 254)}.${pick(i + 1, 254)}.${pick(i + 2, 254)}.${pick(i + 3, 220)}.zen.blocklist.example`,
      qtype: 1,
      rcode: i % 4 === 3 ? 0 : 3
    })),
    expected: []
  },
  {
    name: "a crawler that follows links on twenty sites",
    flows: crawled,
    http: crawled.map((of, i) => ({
      ...request(of, "GET", `/a/${i}.html`, i % 30 ? 200 : 404),
      user_agent: "ExampleBot/1.0",
      host: `s${i % 20}.example`
    })),
    expected: []
  },
  {
    name: "a peer-to-peer client with four hundred peers, most of them gone",
    flows: [
      ...rows(900, (i) =>
        udp({
          at: i * 0.6,
          from: "10.0.0.60",
          fromPort: 51_413,
          to: far(pick(i, 400)),
          toPort: 1024 + pick(pick(i, 400), 60_000),
          service: "bittorrent",
          answers: i % 3 ? 0 : 1,
          received: i % 3 ? 0 : 200,
          sent: 90 + pick(i, 200)
        })
      ),
      ...rows(300, (i) =>
        flow({
          at: i * 1.7,
          from: "10.0.0.60",
          to: far(pick(i, 400)),
          toPort: 1024 + pick(pick(i, 400), 60_000),
          ...(i % 4
            ? {sent: 0, received: 0, packets: 3, answers: 0, history: "S", state: "S0"}
            : {service: "bittorrent", lasts: 60, sent: 40_000, received: 900_000})
        })
      )
    ],
    expected: []
  },
  {
    name: "bulbs and sockets that report to their makers' clouds at fixed intervals",
    flows: rows(8, (k) => k).flatMap((k) =>
      rows(40, (i) => ({
        ...flow({
          at: i * (30 + 5 * k),
          from: `10.0.7.${k + 1}`,
          to: far(k),
          toPort: k % 2 ? 443 : 8883,
          service: "tls",
          lasts: 0.8,
          sent: 620 + (i % 2),
          received: 3900
        }),
        server_name: `devices.maker${k}.example`,
        dns_name: `devices.maker${k}.example`
      }))
    ),
    expected: []
  },
  {
    name: "a concentrator of eighty people's tunnels",
    flows: rows(160, (i) =>
      udp({
        at: i * 3,
        from: far(i),
        to: "10.0.0.4",
        toPort: i % 2 ? 51_820 : 4500,
        service: i % 2 ? "wireguard" : null,
        lasts: 250,
        packets: 30_000,
        answers: 45_000,
        sent: 9_000_000,
        received: 40_000_000
      })
    ),
    expected: []
  },
  {
    name: "a telephone system with sixty telephones that register by digest",
    flows: telephones,
    sip: telephones.flatMap((of, i) => [
      {
        ...recordOf(of),
        method: "REGISTER",
        call_id: `c${i}`,
        caller: `${100 + (i % 60)}`,
        callee: `${100 + (i % 60)}`,
        status: 401
      },
      {
        ...recordOf(of),
        method: "REGISTER",
        call_id: `c${i}`,
        caller: `${100 + (i % 60)}`,
        callee: `${100 + (i % 60)}`,
        status: 200
      }
    ]),
    expected: []
  },
  {
    name: "a build server that fetches by SSH every five seconds",
    flows: fetches,
    ssh: fetches.map((of) => ({
      ...recordOf(of),
      client_banner: "SSH-2.0-OpenSSH_9.6",
      server_banner: "SSH-2.0-babeld",
      auth_guess: "success",
      auth_failures: 0
    })),
    expected: []
  }
];
