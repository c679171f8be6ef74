import type {Attack, Scene} from "../configuration.ts";

const ports = ({random}: Scene, count: number) => {
  const first = random.integer(1, 60_000 - count);
  return `${first}-${first + count - 1}`;
};

/** One of the hosts, or now and then an address where perhaps nobody lives. */
const target = ({random, addresses, host, quarter}: Scene) =>
  random.chance(0.2)
    ? `${quarter}.${random.integer(1, 40)}`
    : random.pick(addresses.filter((address) => address !== host.address));

/** nmap against one host of the network; `-n -Pn`: neither names nor host discovery. */
function nmap(tool: string, seconds: number, options: (scene: Scene) => string[]): Attack {
  return {
    label: "PortScan",
    tool,
    needs: ["nmap"],
    against: [],
    plan(scene) {
      const to = target(scene);
      return {commands: [["nmap", "-n", "-Pn", ...options(scene), to]], seconds, to: [to]};
    }
  };
}

export const synScan = nmap("nmap-syn", 25, (s) => ["-sS", "-T4", "--max-retries", "1", "-p", ports(s, 160)]);
export const topScan = nmap("nmap-top", 20, () => ["-sS", "-F"]);
export const slowScan = nmap("nmap-slow", 22, (s) => [
  "-sS",
  "--scan-delay",
  "150ms",
  "--max-retries",
  "0",
  "-p",
  ports(s, 80)
]);
export const connectScan = nmap("nmap-connect", 25, (s) => ["-sT", "-T3", "--max-retries", "1", "-p", ports(s, 120)]);
export const udpScan = nmap("nmap-udp", 20, (s) => [
  "-sU",
  "--max-retries",
  "0",
  "--min-rate",
  "40",
  "-p",
  ports(s, 60)
]);
export const finScan = nmap("nmap-fin", 15, (s) => ["-sF", "--max-retries", "0", "-p", ports(s, 80)]);
export const xmasScan = nmap("nmap-xmas", 15, (s) => ["-sX", "-T4", "--max-retries", "0", "-p", ports(s, 90)]);

/** hping3's scan mode: SYNs of its own shape. */
export const hpingScan: Attack = {
  label: "PortScan",
  tool: "hping-scan",
  needs: ["hping3"],
  against: [],
  plan(scene) {
    const to = target(scene);
    return {commands: [["hping3", "--scan", ports(scene, 150), "-S", to]], seconds: 15, to: [to]};
  }
};

/** ncat tries port after port with whole connections. */
export const ncatScan: Attack = {
  label: "PortScan",
  tool: "ncat-scan",
  needs: ["ncat"],
  against: [],
  plan(scene) {
    const to = target(scene);
    const first = scene.random.integer(1, 50_000);
    const tries = `for p in $(seq ${first} ${first + 70}); do ncat -n -z -w 1 ${to} $p; done`;
    return {commands: [["sh", "-c", tries]], seconds: 18, to: [to]};
  }
};

/** masscan against one host, from its own TCP stack. */
export const masscan: Attack = {
  label: "PortScan",
  tool: "masscan",
  needs: ["masscan"],
  against: [],
  plan(scene) {
    const to = scene.random.pick(scene.addresses.filter((address) => address !== scene.host.address));
    const parts = to.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
    const own = [
      "--adapter",
      "eth0",
      "--adapter-ip",
      scene.host.address,
      "--router-mac",
      ["02", "42", ...parts].join("-")
    ];
    const rate = `${scene.random.integer(50, 140)}`;
    return {
      commands: [["masscan", "--rate", rate, "--wait", "1", ...own, `-p${ports(scene, 150)}`, to]],
      seconds: 14,
      to: [to]
    };
  }
};
