import {type ChildProcess, execFileSync, spawn} from "node:child_process";
import {once} from "node:events";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {createInterface} from "node:readline";
import type {CaptureIncident, EndNews, ScoringNews} from "../../../schema/live/news.ts";
import {type Cable, flowbookIn, layCable, noNamespaces, runIn} from "./network.ts";

/**
 * Measures how long a live capture takes to tell of attacks, and packets wait for a verdict: `npm run live-latency`. Each
 * attack comes from an address of its own, through a cable between two network namespaces. Takes two minutes, and root. Arguments go to the capture
 * (`npm run live-latency -- --program tcpdump`).
 */

interface Attack {
  readonly name: string;
  /** The rule whose notice is waited for. */
  readonly rule: string;
  readonly command: (source: string) => readonly string[];
  /** Time that has to pass before the rule's limits can be reached, in s. */
  readonly evidenceS: number;
  /** It goes on while others are measured. */
  readonly isLong?: boolean;
  readonly waitS?: number;
}

interface Told {
  readonly atMs: number;
  readonly notice: CaptureIncident;
}

const patienceS = 20;
const client = join(import.meta.dirname, "latency-client.js");

function attacks(to: string, passwords: string): Attack[] {
  const nmap = (name: string, ...options: string[]): Attack => ({
    name,
    rule: "port_scan",
    command: () => ["nmap", "-n", "-Pn", ...options, to],
    evidenceS: 0
  });
  return [
    {
      name: "beacon every 4 s",
      rule: "beaconing",
      command: (source) => [process.execPath, client, to, source, "beacon"],
      evidenceS: 60,
      isLong: true,
      waitS: 90
    },
    nmap("nmap -sS", "-sS", "-p", "1-1000"),
    nmap("nmap -sT", "-sT", "-p", "1-1000"),
    nmap("nmap -sU", "-sU", "--top-ports", "60", "--max-retries", "1"),
    nmap("nmap -sV", "-sV", "--version-light", "-p", "1-200"),
    {
      name: "ping sweep",
      rule: "icmp_sweep",
      command: () => ["fping", "-q", "-r", "0", "-t", "200", "-i", "10", "-g", "10.202.0.10", "10.202.0.60"],
      evidenceS: 0
    },
    {
      name: "nmap -sn by ARP",
      rule: "arp_scan",
      command: () => ["nmap", "-n", "-sn", "-PR", "10.201.0.100-160"],
      evidenceS: 0
    },
    {
      name: "ARP spoofing",
      rule: "arp_spoof",
      command: (source) => ["python3", join(import.meta.dirname, "arp-spoofer.py"), "fbs", source, "10.201.0.98"],
      evidenceS: 0
    },
    {
      name: "hydra ftp",
      rule: "brute_force",
      command: () => ["hydra", "-q", "-I", "-l", "admin", "-P", passwords, "-t", "4", `ftp://${to}`],
      evidenceS: 0
    },
    {
      name: "slowhttptest",
      rule: "slow_http",
      command: () => [
        "slowhttptest",
        "-H",
        "-c",
        "60",
        "-r",
        "30",
        "-i",
        "3",
        "-x",
        "20",
        "-l",
        "25",
        "-t",
        "GET",
        "-u",
        `http://${to}/`
      ],
      evidenceS: 10,
      waitS: 35
    }
  ];
}

/** From now on what the sender begins has that source address. */
function sendFrom(cable: Cable, source: string): void {
  const ip = (...args: string[]) => execFileSync("ip", ["-n", cable.sender, ...args], {stdio: "pipe"});
  ip("addr", "add", `${source}/32`, "dev", "fbs");
  ip("route", "replace", `${cable.receiverAddress}/32`, "dev", "fbs", "src", source);
  // For what is asked of the whole segment.
  ip("route", "replace", "10.201.0.0/24", "dev", "fbs", "src", source);
  ip("route", "replace", "10.202.0.0/24", "via", cable.receiverAddress, "src", source);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const seconds = (ms: number | undefined) => (ms === undefined ? "–" : (ms / 1000).toFixed(2));

async function measure(cable: Cable, folder: string): Promise<boolean> {
  const passwords = join(folder, "passwords");
  writeFileSync(passwords, Array.from({length: 60}, (_, i) => `guess${i}`).join("\n"));
  execFileSync("ip", ["netns", "exec", cable.receiver, "sysctl", "-qw", "net.ipv4.icmp_ratelimit=0"]);
  const services = runIn(cable.receiver, process.execPath, [join(import.meta.dirname, "latency-services.js")]);
  await services.says("ready");
  sendFrom(cable, "10.201.0.10");
  const capture = flowbookIn(
    cable.receiver,
    "capture",
    "-i",
    cable.interface,
    "--lake",
    join(folder, "lake"),
    "--events",
    ...process.argv.slice(2)
  );
  const told: Told[] = [];
  const noticed = new Set<string>();
  let last: readonly CaptureIncident[] = [];
  const heard: {verdicts: (ScoringNews & {kind: "verdicts"}) | null; end: EndNews | null} = {verdicts: null, end: null};
  let provisional = 0;
  createInterface({input: capture.process.stdout!}).on("line", (line) => {
    const news = JSON.parse(line) as ScoringNews | EndNews;
    if (news.kind === "verdicts") {
      heard.verdicts = news;
      provisional += news.provisional;
    } else if (news.kind === "ended") heard.end = news;
    else if (news.kind === "incidents") {
      last = news.incidents;
      for (const notice of news.incidents) if (!noticed.has(notice.id)) told.push({atMs: Date.now(), notice});
      for (const {id} of news.incidents) noticed.add(id);
    }
  });
  await capture.says('"kind":"started"');
  const running: ChildProcess[] = [];
  const inSender = (argv: readonly string[]) => {
    const child = spawn("ip", ["netns", "exec", cable.sender, ...argv], {stdio: "ignore"});
    running.push(child);
    return child;
  };
  inSender([process.execPath, client, cable.receiverAddress, "10.201.0.10", "long"]);
  await pause(4000);
  const plan = attacks(cable.receiverAddress, passwords).map((attack, i) => ({
    ...attack,
    source: `10.201.0.${20 + i}`
  }));
  const toldOf = (source: string) => told.filter(({notice}) => notice.src === source);
  const wait = async (source: string, forS: number, since: number) => {
    while (toldOf(source).length === 0 && Date.now() - since < forS * 1000) await pause(50);
  };
  const begun = new Map<string, number>();
  for (const {source, command, isLong, waitS = patienceS} of plan) {
    sendFrom(cable, source);
    begun.set(source, Date.now());
    const child = inSender(command(source));
    await pause(1000);
    if (isLong) continue;
    await wait(source, waitS, begun.get(source)!);
    // What it still began would come from the next one's address.
    if (child.exitCode === null) await Promise.race([once(child, "exit"), pause(6000)]);
    child.kill("SIGKILL");
    await pause(300);
  }
  for (const {source, waitS = patienceS} of plan) await wait(source, waitS, begun.get(source)!);
  await pause(7000);
  for (const child of running) child.kill("SIGKILL");
  capture.process.kill("SIGTERM");
  const {stderr} = await capture.ended;
  services.process.kill("SIGKILL");
  if (stderr.trim() !== "") console.log(stderr.trim());

  console.log("attack             rule         live  end  from first packet  beyond the rule's own time");
  let isGood = true;
  for (const {name, rule, source, evidenceS} of plan) {
    const live = toldOf(source);
    const first = live.find(({notice}) => notice.rules.includes(rule));
    const ms = first && first.atMs - first.notice.from / 1000;
    const atEnd = last.filter(({src}) => src === source);
    const isOne = live.length === 1 && atEnd.length === 1 && atEnd[0].id === first?.notice.id;
    const isFast = ms !== undefined && ms / 1000 - evidenceS < 5;
    if (!isOne || !isFast) isGood = false;
    const others = [...live.map(({notice}) => notice), ...atEnd].filter((notice) => !notice.rules.includes(rule));
    console.log(
      `${name.padEnd(18)} ${rule.padEnd(12)} ${String(live.length).padStart(4)} ${String(atEnd.length).padStart(4)} ${`${seconds(ms)} s`.padStart(18)} ${`${seconds(ms === undefined ? undefined : ms - evidenceS * 1000)} s`.padStart(18)}${others.length > 0 ? `  also ${[...new Set(others.map((notice) => notice.rules.join("+")))].join(", ")}` : ""}${isOne ? "" : "  NOT ONE"}`
    );
  }
  const strange = last.filter(({src}) => !plan.some(({source}) => source === src));
  console.log(
    `other notices at the end: ${strange.map(({rules, summary}) => `${rules.join(", ")}: ${summary}`).join("; ") || "none"}`
  );
  const {verdicts, end} = heard;
  console.log(
    `packet → verdict: p50 ${verdicts?.packetToVerdictP50Ms} ms, p95 ${verdicts?.packetToVerdictP95Ms} ms; first packet → first verdict p95 ${verdicts?.firstVerdictP95Ms} ms; ${provisional} verdicts on flows under way; scoring ${verdicts?.scoreMs} ms, rules ${verdicts?.rulesMs} ms at the end`
  );
  console.log(
    `${end?.packets} packets, ${end?.flows} flows, ${end?.notices} notices, ${end?.kernel_drops} dropped by the kernel`
  );
  return isGood && (verdicts?.packetToVerdictP95Ms ?? Number.POSITIVE_INFINITY) <= 2000;
}

const why = noNamespaces();
if (why) console.log(`latency is not measured: ${why}`);
else {
  const folder = mkdtempSync(join(tmpdir(), "flowbook-latency-"));
  const cable = layCable("lat");
  try {
    process.exitCode = (await measure(cable, folder)) ? 0 : 1;
  } finally {
    cable.remove();
    rmSync(folder, {recursive: true, force: true});
  }
}
