import {expect, it} from "vitest";
import {Connection, lookEveryMs} from "../../src/lib/connection.ts";

/** When a page that looks at its clock says that the server is away, after a last word at 0 and a first look at `first`. */
function saidAfterMs(first: number): number {
  const connection = new Connection(-1000);
  connection.heard(0);
  for (let now = first; ; now += lookEveryMs) {
    connection.look(now);
    if (connection.state === "away") return now;
  }
}

it("a page says within three seconds of its last word that a server which stands still is away", () => {
  const said = Array.from({length: lookEveryMs}, (_, first) => saidAfterMs(first));
  expect([Math.min(...said), Math.max(...said)]).toEqual([2500, 2999]);
});

it("a page connects again at once when the server was silent, and then less and less often, until it hears a word", () => {
  const connection = new Connection(0);
  connection.heard(0);
  const tries = [];
  for (let now = 0; now < 60_000; now += lookEveryMs) if (connection.look(now)) tries.push(now);
  expect(tries).toEqual([2500, 5500, 11_500, 23_500, 35_500, 47_500, 59_500]);
  connection.heard(60_000);
  expect([connection.state, connection.look(60_500), connection.look(62_500)]).toEqual(["connected", false, true]);
});

it("a page tells a server that does not know it from one that is away, until one answers", () => {
  const connection = new Connection(0);
  connection.lose();
  connection.answered(401);
  connection.lose();
  expect(connection.state).toBe("refused");
  connection.answered(null);
  expect(connection.state).toBe("away");
  connection.heard(1);
  connection.answered(401);
  expect(connection.state).toBe("connected");
});
