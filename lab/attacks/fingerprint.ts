import type {Attack, Scene} from "../configuration.ts";

/** What a web server is and runs, asked by several tools. */
function fingerprint(
  service: "http" | "https",
  tool: string,
  needs: string,
  seconds: number,
  argv: (url: string, scene: Scene, address: string, port: number) => string[]
): Attack {
  return {
    label: "Probe",
    tool,
    needs: [needs],
    against: [service],
    plan(scene) {
      const {address, port} = scene.endpoints[service];
      return {
        commands: [argv(`${service}://${address}:${port}`, scene, address, port)],
        seconds,
        to: [address],
        ports: [port]
      };
    }
  };
}

export const whatweb = fingerprint("http", "whatweb", "whatweb", 25, (url, {random}) => [
  ...[
    "whatweb",
    "-q",
    "--no-errors",
    "-a",
    `${random.pick([1, 3, 4, 4])}`,
    "--open-timeout",
    "4",
    "--read-timeout",
    "6",
    `${url}/`
  ]
]);
export const sslscan = fingerprint("https", "sslscan", "sslscan", 25, (_, _scene, address, port) => [
  ...["sslscan", "--no-colour", "--timeout=3", "--connect-timeout=3", `${address}:${port}`]
]);
export const nmapWeb = fingerprint("http", "nmap-web", "nmap", 25, (_, {random}, address, port) => {
  const scripts = random.shuffled([
    "http-title",
    "http-headers",
    "http-methods",
    "http-server-header",
    "http-robots.txt",
    "http-favicon",
    "http-auth",
    "http-cors",
    "http-generator"
  ]);
  return [
    "nmap",
    "-n",
    "-Pn",
    "-p",
    `${port}`,
    "--script",
    scripts.slice(0, 6).join(","),
    "--script-timeout",
    "8s",
    address
  ];
});
export const nmapTls = fingerprint("https", "nmap-tls", "nmap", 30, (_, _scene, address, port) => [
  ...[
    "nmap",
    "-n",
    "-Pn",
    "-p",
    `${port}`,
    "--script",
    "ssl-enum-ciphers,ssl-cert,tls-alpn",
    "--script-timeout",
    "18s",
    address
  ]
]);
/** Odd methods, odd versions, missing hosts, long paths: how a server errs tells which it is. */
export const oddRequests = fingerprint("http", "odd-requests", "ncat", 40, (_, {random}, address, port) => {
  const odd = [
    "OPTIONS * HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n",
    "GET / HTTP/3.0\\r\\n\\r\\n",
    "HELLO / HTTP/1.1\\r\\n\\r\\n",
    "GET / JUNK/1.0\\r\\n\\r\\n",
    "PROPFIND / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n",
    "TRACE / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n",
    "DELETE / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n",
    "GET /%2e%2e/ HTTP/1.0\\r\\n\\r\\n",
    "HEAD /nothing-there HTTP/1.0\\r\\n\\r\\n"
  ];
  const lines = random
    .shuffled(odd)
    .map(
      (text) =>
        `printf '${text}' | ncat -w 2 ${address} ${port} >/dev/null; sleep ${random.uniform(0.1, 1.5).toFixed(1)}`
    );
  return ["sh", "-c", [...lines, ...lines.slice(0, 4)].join("; ")];
});
export const wfuzzPaths: Attack = {
  ...fingerprint("http", "wfuzz", "wfuzz", 18, (url, {folder, random}) => [
    ...[
      "wfuzz",
      "-f",
      "/dev/null",
      "--hc",
      "404",
      "-t",
      `${random.integer(2, 8)}`,
      ...random.pick([[], ["-s", "0.1"]]),
      "-w",
      `${folder}/paths`,
      `${url}/FUZZ`
    ]
  ]),
  label: "WebAttack"
};
/** Words into a search and a form, one request after another, at a person's pace or quicker. */
export const patientInject: Attack = {
  ...fingerprint("https", "patient-inject", "curl", 60, (url, {folder, random}) => [
    ...[
      "sh",
      "-c",
      `shuf -n 60 ${folder}/injections | while read -r line; do curl -sk -m 8 -G --data-urlencode "id=$line" ${url}/app/item -o /dev/null; sleep ${random.uniform(0.1, 2).toFixed(1)}; done`
    ]
  ]),
  label: "WebAttack"
};
