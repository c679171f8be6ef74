import {expect, it} from "vitest";
import {LinkGaps} from "../../../capture/live/link-gaps.ts";

const at = Date.UTC(2026, 0, 2, 3, 4, 5);

it("an interface that is down for a while is told of twice, and kept once it is up again", () => {
  let isUp: boolean | null = true;
  const gaps = new LinkGaps("eth0", () => isUp);
  expect(gaps.look(at)).toBeNull();
  isUp = false;
  expect(gaps.look(at + 1000)).toEqual({
    warning: "interface eth0 is down: no packets are captured until it is up again",
    gap: null
  });
  expect(gaps.look(at + 2000)).toBeNull();
  // While nobody knows, it stays as it was.
  isUp = null;
  expect(gaps.look(at + 3000)).toBeNull();
  isUp = true;
  const gap = "interface eth0 was down from 2026-01-02T03:04:06Z to 2026-01-02T03:04:09Z";
  expect(gaps.look(at + 4000)).toEqual({warning: gap, gap});
  expect(gaps.end()).toBeNull();
  isUp = false;
  gaps.look(at + 5000);
  expect(gaps.end()).toBe("interface eth0 was down from 2026-01-02T03:04:10Z");
});
