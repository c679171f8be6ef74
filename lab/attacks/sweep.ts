import type {Attack, Scene} from "../configuration.ts";

/** Ping sweeps: which addresses of the network answer an echo, by several tools and at several speeds. */
function pings(
  tool: string,
  needs: string,
  seconds: number,
  argv: (network: string, first: number, last: number, scene: Scene) => string[]
): Attack {
  return {
    label: "Probe",
    tool,
    needs: [needs],
    against: [],
    plan(scene) {
      const {quarter, random} = scene;
      const first = random.integer(1, 60);
      const last = first + random.integer(40, 120);
      const to = Array.from({length: last - first + 1}, (_, i) => `${quarter}.${first + i}`);
      return {commands: [argv(quarter, first, last, scene)], seconds, to};
    }
  };
}

export const nmapPings = pings("nmap-pings", "nmap", 20, (network, first, last, {random}) => [
  ...[
    "nmap",
    "-n",
    "-sn",
    "--send-ip",
    "-PE",
    ...random.pick([[], ["-T4"], ["--max-rate", "12"]]),
    `${network}.${first}-${last}`
  ]
]);
export const fpingPings = pings("fping-pings", "fping", 30, (network, first, last, {random}) => [
  ...[
    "fping",
    "-q",
    "-r",
    `${random.integer(0, 1)}`,
    "-t",
    "300",
    "-i",
    `${random.pick([10, 50, 200])}`,
    "-g",
    `${network}.${first}`,
    `${network}.${last}`
  ]
]);
export const hpingPings = pings("hping-pings", "hping3", 25, (network, first, last) => [
  ...["sh", "-c", `for i in $(seq ${first} ${last}); do hping3 -q -1 -c 1 ${network}.$i & sleep 0.12; done; wait`]
]);
/** One echo every second or two, in no order. */
export const slowPings = pings("slow-pings", "ping", 75, (network, first, last, {random}) => [
  ...[
    "sh",
    "-c",
    `for i in ${random.shuffled(Array.from({length: last - first + 1}, (_, i) => first + i)).join(" ")}; do ping -n -c1 -W1 ${network}.$i >/dev/null & sleep ${random.uniform(0.7, 1.8).toFixed(2)}; done`
  ]
]);

/** One port of many addresses: what a worm looks for. */
function onePort(
  tool: string,
  needs: string,
  seconds: number,
  ports: readonly number[],
  argv: (network: string, port: number, scene: Scene) => string[]
): Attack {
  return {
    label: "PortScan",
    tool,
    needs: [needs],
    against: [],
    plan(scene) {
      const {quarter, random} = scene;
      const port = random.pick(ports);
      const to = Array.from({length: 254}, (_, i) => `${quarter}.${i + 1}`);
      return {commands: [argv(quarter, port, scene)], seconds, to};
    }
  };
}

export const nmapOnePort = onePort(
  "nmap-one-port",
  "nmap",
  25,
  [445, 23, 3389, 22, 5900, 2323],
  (network, port, {random}) => [
    ...[
      "nmap",
      "-n",
      "-Pn",
      random.pick(["-sS", "-sT"]),
      "--max-retries",
      "0",
      "--max-rate",
      `${random.pick([8, 30, 120])}`,
      "-p",
      `${port}`,
      `${network}.1-120`
    ]
  ]
);
export const ncatOnePort = onePort("ncat-one-port", "ncat", 40, [445, 23, 22, 80, 8080], (network, port, {random}) => [
  ...[
    "sh",
    "-c",
    `for i in $(seq 1 ${random.integer(40, 90)}); do ncat -n -z -w 1 ${network}.$i ${port} & sleep ${random.pick(["0.05", "0.2", "0.4"])}; done; wait`
  ]
]);
/** One datagram to every address, as Slammer did. */
export const hpingWorm = onePort("hping-worm", "hping3", 30, [1434, 1900, 161, 11_211], (network, port) => [
  ...[
    "sh",
    "-c",
    `for i in $(seq 1 150); do hping3 -q -2 -d 376 -c 1 -p ${port} ${network}.$i & sleep 0.08; done; wait`
  ]
]);
