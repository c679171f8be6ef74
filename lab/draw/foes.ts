import {type BeaconWay, beacon, type ExfiltrationWay, exfiltration} from "../attacks/beacon.ts";
import {
  hydraBasic,
  hydraForm,
  hydraFtp,
  hydraRedis,
  hydraSsh,
  medusaFtp,
  medusaSsh,
  patatorForm,
  patatorFtp,
  patatorSsh,
  redisLoop
} from "../attacks/brute-force.ts";
import {curlOut, curlPieces, digOut, ncatOut, pingOut} from "../attacks/carry.ts";
import {nmapTls, nmapWeb, oddRequests, patientInject, sslscan, wfuzzPaths, whatweb} from "../attacks/fingerprint.ts";
import {
  ackFlood,
  icmpFlood,
  manyAck,
  manyIcmp,
  manyRequests,
  manySyn,
  manySynData,
  manyUdp,
  synDataFlood,
  synFlood,
  udpBigFlood,
  udpFlood
} from "../attacks/flood.ts";
import {abFlood, slowBody, slowHeaders, slowHeadersTls, slowRead, wrkFlood} from "../attacks/http-dos.ts";
import {psexec, smbSpread, sshHops} from "../attacks/lateral.ts";
import {miner} from "../attacks/mine.ts";
import {
  drip,
  dripTls,
  formByHand,
  ftpByHand,
  heyFlood,
  hydraPatient,
  ncrackSsh,
  siegeFlood,
  slowHttpFew,
  sshByHand
} from "../attacks/patient.ts";
import {
  banners,
  fpingSweep,
  nameGuesses,
  nmapSweep,
  pingSweep,
  scripts,
  system,
  tlsVersions,
  versions,
  versionsMore
} from "../attacks/probe.ts";
import {reflectDns, reflectNtp} from "../attacks/reflect.ts";
import {
  connectScan,
  finScan,
  hpingScan,
  masscan,
  ncatScan,
  slowScan,
  synScan,
  topScan,
  udpScan,
  xmasScan
} from "../attacks/scan.ts";
import {fpingPings, hpingPings, hpingWorm, ncatOnePort, nmapOnePort, nmapPings, slowPings} from "../attacks/sweep.ts";
import {
  curlInject,
  dirb,
  ffuf,
  ffufInject,
  gobuster,
  gobusterTls,
  nmapHttp,
  patatorInject,
  sqlmapItem,
  sqlmapLogin,
  sqlmapSearch
} from "../attacks/web.ts";
import type {Actor, Attack, HostPlan} from "../configuration.ts";
import type {Random} from "../random.ts";
import {type Addresses, logUniform, nearLink} from "./addresses.ts";
import {drawStack} from "./stacks.ts";
import {drawDistance} from "./world.ts";

/** Attacks by what they are; every attacker draws from several of these lists. */
const kinds: readonly (readonly Attack[])[] = [
  [synScan, topScan, slowScan, connectScan, udpScan, finScan, xmasScan, hpingScan, ncatScan, masscan],
  [nmapOnePort, ncatOnePort, hpingWorm],
  [
    hydraSsh,
    hydraFtp,
    hydraForm,
    hydraBasic,
    hydraRedis,
    medusaSsh,
    medusaFtp,
    patatorFtp,
    patatorSsh,
    patatorForm,
    redisLoop,
    ncrackSsh
  ],
  [sshByHand, hydraPatient, ftpByHand, formByHand],
  [synFlood, synDataFlood, ackFlood, udpFlood, udpBigFlood, icmpFlood, abFlood, wrkFlood, heyFlood, siegeFlood],
  [slowHeaders, slowBody, slowRead, slowHeadersTls, drip, dripTls, slowHttpFew],
  [
    sqlmapItem,
    sqlmapSearch,
    sqlmapLogin,
    dirb,
    gobuster,
    gobusterTls,
    ffuf,
    ffufInject,
    curlInject,
    patatorInject,
    nmapHttp,
    wfuzzPaths,
    patientInject
  ],
  [versions, versionsMore, system, scripts, banners, tlsVersions, nameGuesses],
  [nmapSweep, fpingSweep, pingSweep, nmapPings, fpingPings, hpingPings, slowPings],
  [whatweb, sslscan, nmapWeb, nmapTls, oddRequests],
  [curlOut, curlPieces, ncatOut, digOut, pingOut],
  [sshHops, smbSpread, psexec]
];

const weak: readonly Attack[] = [
  sshByHand,
  hydraPatient,
  slowPings,
  fpingPings,
  drip,
  slowHttpFew,
  whatweb,
  nmapWeb,
  oddRequests
];
const fromMany: readonly Attack[] = [
  manySyn,
  manyUdp,
  manyIcmp,
  manyAck,
  manySynData,
  manyRequests,
  reflectDns,
  reflectNtp
];

type Actors = readonly (readonly [Actor, number])[];

/** Attackers, bots, insiders and a swarm; each also has ordinary use, so that a host's role does not give it away. */
export function drawFoes(
  random: Random,
  addresses: Addresses,
  actors: Actors,
  has: {readonly smb: boolean}
): HostPlan[] {
  const fits = (attack: Attack) => has.smb || !attack.against.includes("smb");
  const use = {actors, workers: 1, think: [logUniform(random, 0.6, 6), 1] as const};
  const attackers = Array.from({length: random.integer(2, 4)}, (_, i): HostPlan => {
    const outside = random.chance(0.35);
    const distance = drawDistance(random);
    const list = random
      .shuffled(kinds)
      .slice(0, random.integer(5, 9))
      .map((kind) => random.pick(kind.filter(fits)));
    const more = random.shuffled(weak).slice(0, 3);
    return {
      name: `foe${i + 1}`,
      address: outside ? addresses.public() : addresses.own(),
      link: outside
        ? {delayUs: distance.delayUs, jitterUs: distance.jitterUs, lossPpm: distance.lossPpm, kbit: 50_000}
        : nearLink(random),
      stack: drawStack(random),
      use,
      attacks: {list: [...new Set([...list, ...more])], gap: [2, random.integer(5, 15)]}
    };
  });
  const bots = Array.from(
    {length: random.integer(1, 3)},
    (_, i): HostPlan => ({
      name: `bot${i + 1}`,
      address: addresses.own(),
      link: nearLink(random),
      stack: drawStack(random),
      use,
      background: [
        random.chance(0.2)
          ? miner
          : beacon(`beacon-${i + 1}`, random.shuffled(beaconWays(random)).slice(0, random.integer(1, 3)))
      ]
    })
  );
  const insiders = Array.from(
    {length: random.integer(0, 2)},
    (_, i): HostPlan => ({
      name: `insider${i + 1}`,
      address: addresses.own(),
      link: nearLink(random),
      stack: drawStack(random),
      use,
      background: [
        exfiltration(`exfiltration-${i + 1}`, random.shuffled(exfiltrationWays(random)).slice(0, random.integer(1, 3)))
      ]
    })
  );
  const swarm: HostPlan = {
    name: "swarm",
    address: addresses.public(),
    aliases: Array.from({length: random.integer(14, 30)}, () => addresses.public()),
    link: {...nearLink(random), delayUs: random.integer(2000, 40_000), kbit: 50_000},
    use,
    attacks: {list: random.shuffled(fromMany).slice(0, random.integer(3, 5)), gap: [8, 20]}
  };
  return [...attackers, ...bots, ...insiders, ...(random.chance(0.7) ? [swarm] : [])];
}

/** Intervals of seconds to a minute, even or with jitter; `flowbook lab --vary stretch` makes minutes of them. */
function beaconWays(random: Random): BeaconWay[] {
  return (["http", "https", "raw", "dns"] as const).map((over) => ({
    over,
    everySeconds: Math.round(logUniform(random, 2, 40) * 10) / 10,
    jitter: random.pick([0, 0.05, 0.1, 0.2, 0.3, 0.5]),
    bytes: random.integer(16, over === "dns" ? 60 : 900),
    messages: random.integer(1, 5)
  }));
}

function exfiltrationWays(random: Random): ExfiltrationWay[] {
  return (["http", "https", "raw", "dns"] as const).map((over) => ({
    over,
    everySeconds: Math.round(logUniform(random, 1, 15) * 10) / 10,
    bytes: Array.from({length: 4}, () =>
      Math.round(over === "dns" ? random.integer(20, 80) : logUniform(random, 8000, 900_000))
    )
  }));
}
