import {readdirSync, statSync} from "node:fs";
import {join} from "node:path";
import {expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {installedPrograms} from "../../../capture/live/programs.ts";
import {absentUnless, itUnless} from "../../needs.ts";
import {killRounds} from "./kill-rounds.ts";
import {ask, cable, capture, describeLive, folder, newLake} from "./live-lake.ts";
import {flowbookIn, runIn, sendUdp} from "./network.ts";

const hasCap = installedPrograms("cap", process.env).length > 0;
const noCap = absentUnless(hasCap, "no addon cap (it is built with libpcap's headers)");

describeLive("cap", "a live capture", () => {
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
