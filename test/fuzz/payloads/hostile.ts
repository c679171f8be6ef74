import {mutated} from "../mutation.ts";
import type {Random} from "../random.ts";
import {dnsOverTcp, hostileDns} from "./dns.ts";
import type {Message, Spoken} from "./fixtures.ts";
import {hostileRequest, hostileResponse} from "./http.ts";
import {hostileHttp2} from "./http2.ts";
import {hostileQuic} from "./quic.ts";
import {hostileSsh} from "./ssh.ts";
import {hostileHello, hostileServerHello, inRecords} from "./tls.ts";

/** Conversations made to break one protocol's reader each. */
const makers: readonly ((random: Random) => Spoken)[] = [
  (random) => ({
    proto: 17,
    ports: [40_000, random.of([53, 5353, 5355])],
    messages: turns(random, 4, () => hostileDns(random))
  }),
  (random) => ({
    proto: 6,
    ports: [40_000, 53],
    messages: turns(random, 4, () => dnsOverTcp(hostileDns(random), random))
  }),
  (random) => ({
    proto: 6,
    ports: [40_000, 443],
    messages: [
      {side: 0, bytes: inRecords(hostileHello(random), random)},
      {side: 1, bytes: hostileServerHello(random)}
    ]
  }),
  (random) => ({
    proto: 17,
    ports: [50_000, 443],
    messages: Array.from({length: random.between(1, 4)}, () => ({side: 0, bytes: hostileQuic(random)}))
  }),
  (random) => ({
    proto: 6,
    ports: [40_000, 80],
    messages: turns(random, 6, (side) => (side === 0 ? hostileRequest(random) : hostileResponse(random)))
  }),
  (random) => ({proto: 6, ports: [40_000, 22], messages: turns(random, 4, () => hostileSsh(random))}),
  hostileHttp2
];

function turns(random: Random, most: number, make: (side: 0 | 1) => Buffer): Message[] {
  return Array.from({length: random.between(1, most)}, (_, i) => {
    const side = random.chance(0.9) ? ((i % 2) as 0 | 1) : random.of([0, 1] as const);
    return {side, bytes: make(side)};
  });
}

/** A conversation that lies: made for one protocol, or a fixture with changed bytes, or with one protocol after another. */
export function hostileConversation(random: Random, fixtures: readonly Spoken[]): Spoken {
  if (random.chance(0.5)) return random.of(makers)(random);
  const spoken = random.of(fixtures);
  const others = fixtures.flatMap(({messages}) => messages.map(({bytes}) => bytes));
  const messages = spoken.messages.map(({side, bytes}) => ({
    side,
    bytes: random.chance(0.75) ? mutated(bytes, random, others) : bytes
  }));
  if (random.chance(0.2)) messages.push(...random.of(fixtures).messages);
  if (random.chance(0.1))
    messages.push({side: random.of([0, 1] as const), bytes: random.bytes(random.length(200, 3000))});
  return {...spoken, messages};
}
