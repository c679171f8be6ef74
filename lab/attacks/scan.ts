import type {Attack, Scene} from "../configuration.ts";

const ports = ({random}: Scene, count: number) => {
  const first = random.integer(1, 60_000 - count);
  return `${first}-${first + count - 1}`;
};

/** nmap against one host of the network; `-n -Pn`: neither names nor host discovery. */
function nmap(tool: string, seconds: number, options: (scene: Scene) => string[]): Attack {
  return {
    label: "PortScan",
    tool,
    needs: ["nmap"],
    against: [],
    plan(scene) {
      const target = scene.random.pick(scene.addresses.filter((address) => address !== scene.host.address));
      return {commands: [["nmap", "-n", "-Pn", ...options(scene), target]], seconds, to: [target]};
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
    const target = scene.random.pick(scene.addresses.filter((address) => address !== scene.host.address));
    return {commands: [["hping3", "--scan", ports(scene, 150), "-S", target]], seconds: 15, to: [target]};
  }
};

/** ncat tries port after port with whole connections. */
export const ncatScan: Attack = {
  label: "PortScan",
  tool: "ncat-scan",
  needs: ["ncat"],
  against: [],
  plan(scene) {
    const target = scene.random.pick(scene.addresses.filter((address) => address !== scene.host.address));
    const first = scene.random.integer(1, 50_000);
    const tries = `for p in $(seq ${first} ${first + 70}); do ncat -n -z -w 1 ${target} $p; done`;
    return {commands: [["sh", "-c", tries]], seconds: 18, to: [target]};
  }
};

/** masscan against three hosts at once, from its own TCP stack. */
export const masscan: Attack = {
  label: "PortScan",
  tool: "masscan",
  needs: ["masscan"],
  against: [],
  plan(scene) {
    const others = scene.addresses.filter((address) => address !== scene.host.address);
    const targets = scene.random.shuffled(others).slice(0, scene.random.integer(1, 3));
    const rate = `${scene.random.integer(50, 140)}`;
    const mac = `02-42-${targets[0]
      .split(".")
      .map((part) => Number(part).toString(16).padStart(2, "0"))
      .join("-")}`;
    const list = targets.slice(0, 1).join(",");
    const options = [
      "--rate",
      rate,
      "--wait",
      "1",
      "--adapter",
      "eth0",
      "--adapter-ip",
      scene.host.address,
      "--router-mac",
      mac
    ];
    return {commands: [["masscan", ...options, `-p${ports(scene, 150)}`, list]], seconds: 14, to: targets.slice(0, 1)};
  }
};
