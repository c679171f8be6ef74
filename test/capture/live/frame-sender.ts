import {execFileSync} from "node:child_process";
import {join} from "node:path";
import {type Cable, runIn} from "./network.ts";

/** What a sender sent, by the kernel's word. */
export interface Sent {
  readonly packets: number;
  readonly seconds: number;
}

/** Compiles the sender of frames into `folder`; throws where there is no C compiler. */
export function buildSender(folder: string): string {
  const path = join(folder, "send-frames");
  execFileSync("cc", ["-O2", "-o", path, join(import.meta.dirname, "send-frames.c")], {stdio: "pipe"});
  return path;
}

/** Sends UDP frames of `bytes` over the cable at a rate, in turn for so many flows. */
export async function sendFrames(
  cable: Cable,
  sender: string,
  rate: number,
  seconds: number,
  flows = 1000,
  bytes = 200
): Promise<Sent> {
  const args = ["fbs", rate, seconds, flows, bytes].map(String);
  const {code, stdout, stderr} = await runIn(cable.sender, sender, args).ended;
  if (code !== 0) throw new Error(`the sender ended with ${code}: ${stderr}`);
  const [packets, took] = stdout.trim().split(" ").map(Number);
  return {packets, seconds: took};
}
