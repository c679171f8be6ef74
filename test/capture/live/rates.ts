import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {buildSender, sendFrames} from "./frame-sender.ts";
import {type Cable, layCable, noNamespaces, runIn} from "./network.ts";

// node bin/run.js test/capture/live/rates.ts [SECONDS] [PROGRAM]: captures at 50, 100, 200 and 300 thousand packets/s and
// tells what was sent, received, dropped and stated. Sender and capture share the machine's cores.
const seconds = Number(process.argv[2] ?? 10);
const program = process.argv[3] ?? "dumpcap";
const why = noNamespaces();
if (why) throw new Error(why);
const folder = mkdtempSync(join(tmpdir(), "flowbook-rates-"));

interface Summary {
  readonly packets: number;
  readonly kernel_drops: number | null;
  readonly interface_drops: number | null;
  readonly pipe_drops: number | null;
}

try {
  const sender = buildSender(folder);
  console.log(`${program}, ${seconds} s each, frames of 200 bytes, 1,000 flows`);
  let unstated = 0;
  for (const rate of [50_000, 100_000, 200_000, 300_000]) {
    const cable = layCable("rat");
    try {
      const {sent, took, summary} = await captureAt(cable, sender, rate);
      const stated = (summary.kernel_drops ?? 0) + (summary.interface_drops ?? 0) + (summary.pipe_drops ?? 0);
      const missing = sent - summary.packets - stated;
      unstated += Math.abs(missing);
      const shown = [sent, summary.packets, stated, missing].map((n) => n.toLocaleString("en").padStart(10));
      console.log(
        `asked ${rate.toLocaleString("en").padStart(8)}/s  sent ${shown[0]} (${Math.round(sent / took).toLocaleString("en")}/s)  received ${shown[1]}  stated as dropped ${shown[2]}  unstated ${shown[3]}`
      );
    } finally {
      cable.remove();
    }
  }
  process.exitCode = unstated > 0 ? 1 : 0;
} finally {
  rmSync(folder, {recursive: true, force: true});
}

async function captureAt(
  cable: Cable,
  sender: string,
  rate: number
): Promise<{sent: number; took: number; summary: Summary}> {
  const lake = join(folder, `lake-${rate}`);
  const args = ["capture", "-i", cable.interface, "-f", "udp port 9000", "--lake", lake, "--program", program];
  const running = runIn(cable.receiver, process.execPath, ["bin/flowbook.js", ...args, "--events"]);
  await running.says('"kind":"started"');
  const {packets, seconds: took} = await sendFrames(cable, sender, rate, seconds);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  running.process.kill("SIGTERM");
  const {code, stdout, stderr} = await running.ended;
  if (code !== 0 && code !== 6) throw new Error(`the capture ended with ${code}: ${stderr}`);
  return {sent: packets, took, summary: JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Summary};
}
