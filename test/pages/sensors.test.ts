import {expect, it} from "vitest";
import {quietMs, type SensorFacts, sensorLag, sensorTroubles} from "../../src/lib/sensors.ts";

const now = 1_790_000_000_000;
const spool = {saidMs: now - 1000, parts: 0, bytes: 0, lostParts: 0, problem: null};
const sensor = (fields: Partial<SensorFacts>): SensorFacts => ({
  sensor: "north",
  captures: 1,
  packets: 10,
  lost: 0,
  lastPartMs: now - 90_000,
  lastPacketMs: now - 91_000,
  spool,
  ...fields
});

it("a sensor's lag is the time since its last part", () => {
  expect(sensorLag(sensor({}), now)).toBe("1 min 30 s ago");
  expect(sensorLag(sensor({lastPartMs: now + 5000}), now)).toBe("just now");
  expect(sensorLag(sensor({lastPartMs: null}), now)).toBe("no part yet");
});

it("what is not well with a sensor is said: parts lost, a store away, silence", () => {
  expect(sensorTroubles(sensor({}), now)).toEqual([]);
  expect(sensorTroubles(sensor({spool: null}), now)).toEqual([]);
  expect(
    sensorTroubles(sensor({spool: {...spool, saidMs: now - quietMs - 1000, lostParts: 1, problem: "away"}}), now)
  ).toEqual([
    "1 part was removed by its limits before it was sent: lost",
    "the last attempt to send failed: away",
    "nothing heard for 5 min 1 s"
  ]);
});
