import {createMeter, defaultSettings} from "../../capture/meter/wasm-meter.ts";
import {openSource} from "../../capture/sources/open.ts";

export interface MeteringFigures {
  readonly packets: number;
  readonly flows: number;
  /** User and system time of reading and metering, the core's compilation apart. */
  readonly cpuSeconds: number;
  readonly packetsPerCpuSecond: number;
}

/** Reads and meters a capture with all features and a sink that wants nothing; the median of `runs` by CPU time. */
export async function measureMetering(path: string, runs = 3): Promise<MeteringFigures> {
  await createMeter({...defaultSettings, captureSeed: "0".repeat(64)});
  const all: MeteringFigures[] = [];
  for (let run = 0; run < runs; run++) all.push(await measureOnce(path));
  return all.sort((a, b) => a.cpuSeconds - b.cpuSeconds)[Math.floor(runs / 2)];
}

async function measureOnce(path: string): Promise<MeteringFigures> {
  const before = process.cpuUsage();
  const meter = await createMeter({...defaultSettings, captureSeed: "0".repeat(64)});
  const source = await openSource(path);
  const sink = {onFlows() {}};
  while (await source.next(meter.batch)) meter.process(sink);
  meter.flush(sink);
  await source.close();
  const {user, system} = process.cpuUsage(before);
  const {packets, flows} = meter.counters;
  const cpuSeconds = (user + system) / 1e6;
  return {packets, flows, cpuSeconds, packetsPerCpuSecond: packets / cpuSeconds};
}
