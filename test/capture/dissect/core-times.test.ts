import {expect, it} from "vitest";
import {openUnits} from "./core/units.ts";
import {der} from "./protocols/der.ts";

const units = await openUnits();

/** The time in ISO 8601 that a value of that tag has; null where it has none. */
function time(tag: number, text: string): string | null {
  const {core} = units.begin();
  const bytes = der(tag, text);
  const start = units.put(bytes);
  const found = core.timeOf(start, start + bytes.length);
  return Number.isNaN(found) ? null : new Date(found / 1000).toISOString();
}

it("times of certificates: with an offset, without seconds, with a fraction, in two centuries", () => {
  expect(time(0x17, "250115120000Z")).toBe("2025-01-15T12:00:00.000Z");
  expect(time(0x17, "250115120000+0530")).toBe("2025-01-15T06:30:00.000Z");
  expect(time(0x17, "260115120000-0800")).toBe("2026-01-15T20:00:00.000Z");
  expect(time(0x17, "2501151200Z")).toBe("2025-01-15T12:00:00.000Z");
  expect(time(0x17, "2501010030+0100")).toBe("2024-12-31T23:30:00.000Z");
  expect(time(0x17, "991231235959Z")).toBe("1999-12-31T23:59:59.000Z");
  expect(time(0x18, "20500115120000.25Z")).toBe("2050-01-15T12:00:00.000Z");
  expect(time(0x18, "20500115120000.5+0100")).toBe("2050-01-15T11:00:00.000Z");
  expect(time(0x17, "250115120000+x530")).toBeNull();
  expect(time(0x17, "25011512")).toBeNull();
  expect(time(0x04, "250115120000Z")).toBeNull();
});
