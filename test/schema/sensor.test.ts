import {expect, it} from "vitest";
import {isSensor, sensorOfMachine} from "../../schema/sensor.ts";

it.each(["a", "dmz-1", "Site_7.east", "0".repeat(63)])("%s names a sensor", (name) =>
  expect(isSensor(name)).toBe(true)
);

it.each(["", ".", "..", "-a", "a/b", "a\\b", "a b", "ä", "a\n", "end.", "sensor=a", "0".repeat(64)])(
  "%j does not name one",
  (name) => expect(isSensor(name)).toBe(false)
);

it.each([
  ["probe-3.example.org", "probe-3"],
  ["Anna's Laptop", "Anna-s-Laptop"],
  ["-x", "x"],
  ["…", "sensor"],
  ["", "sensor"]
])("the machine %j is the sensor %s", (machine, sensor) => expect(sensorOfMachine(machine)).toBe(sensor));
