import {join} from "node:path";
import {expect, it} from "vitest";
import {openSource} from "../../capture/sources/open.ts";
import {CaptureError} from "../../capture/sources/source.ts";
import {testSettings} from "../capture/meter/metered.ts";
import {plainBatch} from "../capture/sources/packets.ts";
import {describeUnless} from "../needs.ts";
import {noSharedData, sharedCaptures, sharedData} from "../shared-data.ts";
import {FuzzedMeter} from "./fuzzed-meter.ts";

/** Seconds of the processor for one capture: what waits for other work of the machine is not counted. */
const mostSeconds = 5;

describeUnless(noSharedData)("the malformed captures that are shared", () => {
  it("are read, metered and dissected within five seconds each, in bounded memory, with every packet counted", async () => {
    const meter = await FuzzedMeter.make({...testSettings, maxFlows: 4096}, Buffer.alloc(0), true);
    const batch = plainBatch();
    const fate = {whole: 0, faulty: 0, refused: 0};
    let [slowest, slowestFile, packets] = [0, "", 0];
    const captures = sharedCaptures("malformed");
    for (const {file} of captures) {
      const before = process.cpuUsage();
      const source = await openSource(join(sharedData, file)).catch((error: Error) => error);
      if (source instanceof CaptureError) fate.refused++;
      else if (source instanceof Error) throw source;
      else {
        while (await source.next(batch)) {
          for (let i = 0; i < batch.count; i++) {
            const bytes = batch.bytes.subarray(batch.offset[i], batch.offset[i] + batch.captured[i]);
            const add = () => meter.add(bytes, batch.link[i], batch.wire[i], batch.ts[i]);
            if (add()) continue;
            meter.process();
            expect(add()).toBe(true);
          }
          meter.process();
        }
        fate[source.problem ? "faulty" : "whole"]++;
        packets += source.packets;
        await source.close();
      }
      const {user, system} = process.cpuUsage(before);
      if ((user + system) / 1e6 > slowest) [slowest, slowestFile] = [(user + system) / 1e6, file];
    }
    meter.finish();
    const {malformed, nonIpPackets, unread} = meter.meter.counters;
    const unreadPackets = Object.values(unread).reduce((a, b) => a + b, 0);
    console.info(
      `${captures.length} malformed captures: ${JSON.stringify(fate)}, ${packets} packets, ${meter.flows} flows, ` +
        `${malformed} packets malformed, ${nonIpPackets} non-IP, ${unreadPackets} unread; slowest ${slowestFile} with ${slowest.toFixed(2)} s`
    );
    expect(captures.length).toBe(477);
    // Refused: of another format, empty, or of a version that libpcap refuses too.
    expect(fate).toEqual({whole: 469, faulty: 3, refused: 5});
    expect({slowestFile, isInTime: slowest <= mostSeconds}).toEqual({slowestFile, isInTime: true});
  }, 300_000);
});
