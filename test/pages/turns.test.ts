import {expect, it} from "vitest";
import {turns} from "../../src/lib/turns.ts";

it("works in turns: what is shown first before lists, a frame after each long piece", async () => {
  const seen: string[] = [];
  let clock = 0;
  const turn = turns(
    async () => void seen.push("frame"),
    () => clock
  );
  const work = async (name: string, when: "soon" | "later", ms: number) => {
    await turn[when]();
    seen.push(name);
    clock += ms;
  };
  await Promise.all([
    work("list", "later", 5),
    work("volume", "soon", 40),
    work("services", "soon", 10),
    work("talkers", "soon", 25)
  ]);
  await work("again", "soon", 0);
  expect(seen).toEqual(["volume", "frame", "services", "talkers", "frame", "list", "again"]);
});
