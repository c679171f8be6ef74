import {execFileSync} from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync
} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {installedPrograms} from "../../../capture/live/programs.ts";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {absentUnless, describeUnless, itUnless} from "../../needs.ts";
import {killRounds} from "./kill-rounds.ts";
import {type Cable, flowbookIn, layCable, noNamespaces, runIn, sendUdp} from "./network.ts";

const why = noNamespaces();
const hasCap = installedPrograms("cap", process.env).length > 0;
const noCap = absentUnless(hasCap, "no addon cap (it is built with libpcap's headers)");

const folder = mkdtempSync(join(tmpdir(), "flowbook-live-"));
let cable: Cable;
let made = 0;
const newLake = () => join(folder, `lake${made++}`);

async function ask(lake: string, sql: string): Promise<unknown[][]> {
  const engine = await openLake(lake, {threads: 1});
  try {
    return (await engine.query(sql)).rows.map((row) =>
      row.map((value) => (typeof value === "bigint" ? Number(value) : value))
    );
  } finally {
    await engine.close();
  }
}

/** Starts a capture of the test's UDP packets and waits until it captures. */
async function capture(lake: string, ...more: string[]) {
  const running = flowbookIn(
    cable.receiver,
    "capture",
    "-i",
    cable.interface,
    "--lake",
    lake,
    "--no-score",
    "--json",
    ...more
  );
  await running.says(more.includes("--events") ? '"kind":"started"' : "capturing on");
  return running;
}

describeUnless(why)("a live capture", () => {
  beforeAll(() => {
    cable = layCable("cap");
  });
  afterAll(() => {
    cable?.remove();
    rmSync(folder, {recursive: true, force: true});
  });

  for (const program of ["dumpcap", "tcpdump", "cap"])
    itUnless(program === "cap" ? noCap : null)(
      `by ${program}, ended by SIGTERM, has sealed every packet that was sent`,
      async () => {
        const lake = newLake();
        const running = await capture(lake, "-f", "udp dst port 7000", "--rotate", "1", "--program", program);
        const sent = await sendUdp(cable, 3000, 1500, 100, 10);
        running.process.kill("SIGTERM");
        const {code, stdout} = await running.ended;
        expect(code).toBe(0);
        const report = JSON.parse(stdout);
        expect([report.packets, report.flows, report.pipe_drops, report.program]).toEqual([sent, 10, 0, program]);
        expect(report.kernel_drops).toBe(program === "cap" ? null : 0);
        expect(await ask(lake, "SELECT count(*), CAST(sum(src_pkts + dst_pkts) AS BIGINT) FROM flows")).toEqual([
          [10, sent]
        ]);
        expect(await ask(lake, "SELECT packets, flows, wire_bytes, path, format, pipe_drops FROM captures")).toEqual([
          [sent, 10, sent * 142, cable.interface, `live/${program}`, 0]
        ]);
        expect((await ask(lake, "SELECT count(*) FROM features"))[0]).toEqual([10]);
      }
    );

  it("ends after its duration, within a second, and after its number of packets", async () => {
    const lake = newLake();
    const timed = flowbookIn(
      cable.receiver,
      "capture",
      "-i",
      cable.interface,
      "--lake",
      lake,
      "--no-score",
      "--json",
      "--duration",
      "4"
    );
    const {stdout} = await timed.ended;
    expect(JSON.parse(stdout).seconds).toBeGreaterThan(3);
    expect(JSON.parse(stdout).seconds).toBeLessThan(5);
    const counted = await capture(newLake(), "-c", "50", "-f", "udp");
    await sendUdp(cable, 100, 500);
    const {code, stdout: report} = await counted.ended;
    expect([code, JSON.parse(report).packets]).toEqual([0, 50]);
  });

  it("makes of packets sent again the same flows as of their file", async () => {
    const [lake, fromFile] = [newLake(), newLake()];
    const file = join(folder, "sent.pcap");
    // The sender's own record of what it sends is the file.
    const recording = runIn(cable.sender, "tcpdump", [
      "-i",
      "fbs",
      "-U",
      "-w",
      file,
      "-Z",
      "root",
      "udp dst port 7000"
    ]);
    await recording.says("listening on");
    const running = await capture(lake, "-f", "udp dst port 7000", "--rotate", "1");
    const sent = await sendUdp(cable, 2000, 1000, 64, 25);
    // Header of the file, then of each packet, Ethernet, IPv4, UDP and what was sent in it.
    await expect.poll(() => statSync(file).size).toBe(24 + sent * (16 + 14 + 20 + 8 + 64));
    recording.process.kill("SIGINT");
    await recording.ended;
    running.process.kill("SIGINT");
    expect((await running.ended).code).toBe(0);
    await importCaptures([file], {lake: fromFile, clock: Date.now});
    const columns = `src_ip, src_port, dst_ip, dst_port, proto, src_pkts, dst_pkts, src_wire_bytes, dst_wire_bytes, src_payload_bytes,
      dst_payload_bytes, conn_state, history, end_reason, community_id`;
    const flows = await ask(lake, `SELECT ${columns} FROM flows ORDER BY ALL`);
    expect(flows.length).toBe(25);
    expect(flows.reduce((sum, row) => sum + Number(row[5]) + Number(row[6]), 0)).toBe(sent);
    expect(flows).toEqual(await ask(fromFile, `SELECT ${columns} FROM flows ORDER BY ALL`));
  });

  it("keeps packets in a ring, from which those of a flow are exported", async () => {
    const lake = newLake();
    const running = await capture(lake, "-f", "udp dst port 7000", "--rotate", "1");
    await sendUdp(cable, 400, 1000, 50, 4);
    running.process.kill("SIGTERM");
    await running.ended;
    const [[hash]] = await ask(lake, "SELECT capture_sha256 FROM captures");
    const ring = join(lake, "packets", String(hash));
    expect(readdirSync(ring).sort()).toEqual(["000000.idx", "000000.json", "000000.pcap"]);
    expect(statSync(join(ring, "000000.pcap")).mode & 0o777).toBe(0o600);
    const to = join(folder, "two.pcap");
    const exported = await flowbookIn(
      cable.receiver,
      "export",
      "packets",
      "--where",
      "40002 IN (src_port, dst_port)",
      "-w",
      to,
      "--lake",
      lake,
      "--json"
    ).ended;
    expect(JSON.parse(exported.stdout)).toMatchObject({packets: 100, flows: 1, selected_flows: 1, missing: []});
    const read = await runIn(cable.receiver, "tcpdump", ["-n", "-r", to]).ended;
    expect(read.stdout.trim().split("\n").length).toBe(100);
    expect(read.stdout).not.toContain(".40001 >");
  });

  it("of an imported file exports a flow's packets by reading the file again, unless it changed", async () => {
    const [live, lake] = [newLake(), newLake()];
    const running = await capture(live, "-f", "udp dst port 7000");
    await sendUdp(cable, 300, 1000, 50, 3);
    running.process.kill("SIGTERM");
    await running.ended;
    const [file, to] = [join(folder, "import.pcap"), join(folder, "again.pcap")];
    const [[hash]] = await ask(live, "SELECT capture_sha256 FROM captures");
    copyFileSync(join(live, "packets", String(hash), "000000.pcap"), file);
    await importCaptures([file], {lake, clock: Date.now});
    const args = ["export", "packets", "--where", "40001 IN (src_port, dst_port)", "-w", to, "--lake", lake, "--json"];
    expect(JSON.parse((await flowbookIn(cable.receiver, ...args).ended).stdout)).toMatchObject({
      packets: 100,
      flows: 1,
      missing: []
    });
    const read = await runIn(cable.receiver, "tcpdump", ["-n", "-r", to]).ended;
    expect(
      read.stdout
        .trim()
        .split("\n")
        .filter((line) => line.includes("40001")).length
    ).toBe(100);
    appendFileSync(file, "x");
    const {code, stderr} = await flowbookIn(cable.receiver, ...args).ended;
    expect([code, stderr]).toEqual([4, expect.stringContaining("is another file now")]);
  });

  it("started as root for a lake of someone else gives root up, itself and its capture program", async () => {
    const own = join(folder, "own");
    mkdirSync(own);
    chmodSync(folder, 0o755);
    chownSync(own, 12_345, 12_345);
    const running = await capture(join(own, "lake"), "-f", "udp");
    await sendUdp(cable, 10, 100);
    const users = () =>
      execFileSync("ip", ["netns", "pids", cable.receiver], {encoding: "utf8"})
        .split("\n")
        .filter(Boolean)
        .map((pid) => /^Uid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    await expect.poll(users).toEqual(Array(2).fill("12345\t12345\t12345\t12345"));
    running.process.kill("SIGTERM");
    const {code, stdout} = await running.ended;
    expect([code, JSON.parse(stdout).packets]).toEqual([0, 10]);
    expect(statSync(join(own, "lake", "flows")).uid).toBe(12_345);
  });

  it("started as root for a lake of root gives root and the lake up, and its flows are judged all the same", async () => {
    chmodSync(folder, 0o755);
    const lake = newLake();
    mkdirSync(lake);
    const args = ["capture", "-i", cable.interface, "--lake", lake, "--json", "-f", "udp", "--rotate", "1"];
    const running = flowbookIn(cable.receiver, ...args);
    await running.says("capturing on");
    await sendUdp(cable, 10, 100);
    const users = () =>
      execFileSync("ip", ["netns", "pids", cable.receiver], {encoding: "utf8"})
        .split("\n")
        .filter(Boolean)
        .map((pid) => /^Uid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    await expect.poll(users).toEqual(Array(2).fill("65534\t65534\t65534\t65534"));
    running.process.kill("SIGTERM");
    const {code, stdout, stderr} = await running.ended;
    const {packets, flows, verdicts} = JSON.parse(stdout);
    expect([code, packets, flows > 0, verdicts, stderr.includes("keeps root")]).toEqual([0, 10, true, flows, false]);
    const owners = readdirSync(lake, {recursive: true, encoding: "utf8"}).map((name) => statSync(join(lake, name)).uid);
    expect(new Set([statSync(lake).uid, ...owners])).toEqual(new Set([65_534]));
    // A lake that no other user can reach is metered by root, and that is told.
    const closed = join(folder, "closed");
    mkdirSync(closed, {mode: 0o700});
    const kept = flowbookIn(
      cable.receiver,
      "capture",
      "-i",
      cable.interface,
      "--lake",
      join(closed, "lake"),
      "--no-score",
      "--duration",
      "1"
    );
    expect((await kept.ended).stderr).toContain(`metering keeps root: other users cannot pass ${closed}`);
  });

  it("says of a wrong filter, interface or interface that is down what is wrong, each with its exit code", async () => {
    const run = async (...args: string[]) => {
      const {code, stderr} = await flowbookIn(cable.receiver, "capture", "--lake", newLake(), "--no-score", ...args)
        .ended;
      return [code, stderr.split("\n")[0]];
    };
    const words = `flowbook: filter "tcp prot 80": can't parse filter expression: syntax error`;
    for (const program of ["dumpcap", "tcpdump", ...(hasCap ? ["cap"] : [])])
      expect(await run("-i", cable.interface, "-f", "tcp prot 80", "--program", program)).toEqual([2, words]);
    expect(await run("-i", "nope")).toEqual([2, 'flowbook: there is no interface "nope"']);
    expect(await run("--interface=-w/etc/x")).toEqual([2, 'flowbook: there is no interface "-w/etc/x"']);
    expect(await run()).toEqual([2, "flowbook: there is no default route to take the interface from"]);
    expect(await run("-i", cable.interface, "--filter=-w/tmp/x")).toEqual([2, expect.stringContaining("filter")]);
    await runIn(cable.receiver, "ip", ["link", "add", "fbdown", "type", "veth", "peer", "name", "fbdown2"]).ended;
    for (const program of ["dumpcap", "tcpdump"])
      expect(await run("-i", "fbdown", "--program", program)).toEqual([4, "flowbook: interface fbdown is down"]);
  });

  it("without the privilege exits with 5 and the command that grants it", async () => {
    const lake = newLake();
    const args = ["--reuid=65534", "--regid=65534", "--clear-groups", "--", process.execPath, "bin/flowbook.js"];
    for (const program of ["dumpcap", "tcpdump"]) {
      const {code, stderr} = await runIn(cable.receiver, "setpriv", [
        ...args,
        "capture",
        "-i",
        cable.interface,
        "--lake",
        lake,
        "--program",
        program
      ]).ended;
      expect([code, stderr]).toEqual([
        5,
        `flowbook: no permission to capture on ${cable.interface} with ${program}\n  sudo setcap cap_net_raw,cap_net_admin=eip /usr/bin/${program}\n`
      ]);
    }
  });

  it("ends sealed, with exit code 8, when the disk has less free than is to stay free", async () => {
    const lake = newLake();
    // Looked after with every part: the packets are there before the first.
    const running = await capture(lake, "-f", "udp", "--rotate", "6", "--disk-floor", "900000G");
    await sendUdp(cable, 10, 100);
    const {code, stderr} = await running.ended;
    expect([code, stderr]).toEqual([8, expect.stringContaining("MB are free on the disk")]);
    expect((await ask(lake, "SELECT packets FROM captures"))[0]).toEqual([10]);
  });

  it("whose capture program is killed keeps what came and says so", async () => {
    const lake = newLake();
    const running = await capture(lake, "-f", "udp", "--rotate", "1", "--events");
    await sendUdp(cable, 100, 1000);
    await running.says('"packets":100,');
    const pids = await runIn(cable.receiver, "ip", ["netns", "pids", cable.receiver]).ended;
    for (const pid of pids.stdout.split("\n").filter(Boolean)) {
      const {stdout} = await runIn(cable.receiver, "cat", [`/proc/${pid}/comm`]).ended;
      if (stdout.trim() === "dumpcap") process.kill(Number(pid), "SIGKILL");
    }
    const {code, stderr} = await running.ended;
    expect([code, stderr]).toEqual([4, expect.stringContaining("dumpcap was ended by SIGKILL")]);
    expect(await ask(lake, "SELECT packets, problem FROM captures")).toEqual([[100, "dumpcap was ended by SIGKILL"]]);
  });

  it("keeps exit code and event of its failure when signals come while it closes", async () => {
    const args = ["capture", "-i", cable.interface, "--lake", newLake(), "--events", "--rotate", "0.5"];
    const running = flowbookIn(cable.receiver, ...args, "--disk-floor", "900000G");
    await running.says('"kind":"started"');
    await sendUdp(cable, 10, 100);
    await running.says('"kind":"failed"');
    for (let n = 0; n < 2; n++) running.process.kill("SIGTERM");
    const {code, stdout} = await running.ended;
    expect(code).toBe(8);
    const news = stdout.split("\n").filter((line) => line.includes('"kind":"failed"'));
    expect(news.map((line) => JSON.parse(line))).toEqual([
      {
        kind: "failed",
        problem: "disk-full",
        message: expect.stringContaining("MB are free on the disk"),
        hint: expect.any(String),
        exit: 8
      }
    ]);
  });

  it("says that its interface is gone, and keeps in words that it was down for a while", async () => {
    const ip = (...args: string[]) => runIn(cable.receiver, "ip", args).ended;
    const programs = ["dumpcap", "tcpdump"];
    for (const program of programs) {
      const lake = newLake();
      await ip("link", "add", "fbgone", "type", "veth", "peer", "name", "fbgone2");
      for (const name of ["fbgone", "fbgone2"]) await ip("link", "set", name, "up");
      const args = ["capture", "-i", "fbgone", "--lake", lake, "--no-score", "--events", "--program", program];
      const running = flowbookIn(cable.receiver, ...args, "--rotate", "1");
      await running.says('"kind":"started"');
      await running.says('"kind":"status"');
      await ip("link", "set", "fbgone", "down");
      await running.says("interface fbgone is down");
      await ip("link", "set", "fbgone", "up");
      await running.says("interface fbgone was down from 20");
      await ip("link", "del", "fbgone");
      const {code, stderr} = await running.ended;
      expect([code, stderr]).toEqual([
        4,
        "flowbook: interface fbgone is gone\n  flowbook interfaces lists those that are there\n"
      ]);
      const [[problem]] = await ask(lake, "SELECT problem FROM captures");
      const time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";
      expect(problem).toMatch(
        new RegExp(`^interface fbgone was down from ${time} to ${time}; interface fbgone is gone$`)
      );
    }
  });

  it("of an interface that is captured into the lake already is refused", async () => {
    const lake = newLake();
    const running = await capture(lake, "-f", "udp");
    const {code, stderr} = await flowbookIn(
      cable.receiver,
      ...["capture", "-i", cable.interface, "--lake", lake, "--no-score", "-f", "udp"]
    ).ended;
    expect([code, stderr]).toEqual([
      3,
      expect.stringContaining(`interface ${cable.interface} is captured into this lake already, by process`)
    ]);
    running.process.kill("SIGTERM");
    expect((await running.ended).code).toBe(0);
  });

  it("killed at any moment, or its capture program, keeps what it sealed, and the lake can be read and written on", async () => {
    const lake = newLake();
    const told = await killRounds(cable, lake, 4, (n) => [0.3, 0.8, 0.1, 0.6, 0.9, 0.2, 0.7, 0.4][n % 8]);
    expect(told.sealedFlows).toBeGreaterThan(100);
    expect(told.foundFlows).toBeGreaterThanOrEqual(told.sealedFlows);
    expect(told.failures).toEqual([]);
    const last = await capture(lake, "-f", "udp", "-c", "20");
    await sendUdp(cable, 20, 500, 60, 2);
    expect((await last.ended).code).toBe(0);
    expect(readdirSync(join(lake, ".runs"))).toEqual([]);
  });
});
