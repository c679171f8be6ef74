// System programs that some parts use. As root with apt they are installed; elsewhere a line says what is missing.
import {spawnSync} from "node:child_process";
import {existsSync} from "node:fs";
import {delimiter, join} from "node:path";

/** What each program or file is for, and the Debian package that brings it. */
export const systemPackages = {
  compiler: {
    package: "g++",
    purpose: "the optional cap addon",
    present: () => process.platform !== "linux" || onPath("g++") || onPath("clang++")
  },
  make: {
    package: "make",
    purpose: "the optional cap addon",
    present: () => process.platform !== "linux" || onPath("make")
  },
  python: {
    package: "python3",
    purpose: "the optional cap addon and the trainer",
    present: () => process.platform !== "linux" || onPath("python3")
  },
  chromium: {
    package: "chromium",
    purpose: "browser tests",
    present: () => Boolean(process.env.CHROMIUM) || ["chromium", "chromium-browser", "google-chrome"].some(onPath)
  },
  tshark: {package: "tshark", purpose: "tests that compare with tshark", present: () => onPath("tshark")},
  traceroute: {
    package: "traceroute",
    purpose: "the page's traceroute and its test",
    present: () => process.platform !== "linux" || onPath("traceroute") || existsSync("/usr/sbin/traceroute")
  },
  nft: {
    package: "nftables",
    purpose: "checks of the firewall text",
    present: () => process.platform !== "linux" || onPath("nft") || existsSync("/usr/sbin/nft")
  },
  libpcap: {
    package: "libpcap-dev",
    purpose: "the optional cap addon",
    present: () => process.platform !== "linux" || existsSync("/usr/include/pcap/pcap.h")
  }
};

/** Installs what is missing of the named packages, or says on stderr what does without. */
export function ensureSystemPackages(names) {
  const missing = names.filter((name) => !systemPackages[name].present());
  if (missing.length === 0) return;
  const packages = missing.map((name) => systemPackages[name].package);
  if (process.getuid?.() === 0 && onPath("apt-get")) {
    console.error(`flowbook: installing ${packages.join(", ")} …`);
    const env = {...process.env, DEBIAN_FRONTEND: "noninteractive"};
    const run = (...args) => spawnSync("apt-get", args, {env, stdio: ["ignore", "ignore", "inherit"]}).status === 0;
    if (run("update", "-qq") && run("install", "-y", "-qq", "--no-install-recommends", ...packages)) return;
  }
  for (const name of missing)
    console.error(
      `flowbook: ${name} is missing (${systemPackages[name].purpose} are left out); on Debian: apt-get install ${systemPackages[name].package}`
    );
}

function onPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => folder && existsSync(join(folder, program)));
}
