import {createSocket} from "node:dgram";
import {setTimeout as sleep} from "node:timers/promises";
import {type Habit, host, port, within} from "../habit.ts";
import {dial} from "./long.ts";

/** Tries a service that does not answer or refuses, and tries again: a printer that was given away, an old setting. */
export const retry: Habit = async ({to, count}, {random}) => {
  const place = random.pick(to!);
  for (let i = within(random, count, 3); i > 0; i--) {
    (await dial(place, false, 4000))?.end();
    await sleep(1000 * random.uniform(0.5, 4));
  }
};

/** Sends datagrams that nobody answers. */
export const unheard: Habit = async ({to, bytes, count}, {random}) => {
  const socket = createSocket("udp4");
  socket.on("error", () => {});
  const place = random.pick(to!);
  for (let i = within(random, count, 3); i > 0; i--) {
    socket.send(random.bytes(within(random, bytes, 60)), port(place), host(place));
    await sleep(1000 * random.uniform(0.3, 3));
  }
  socket.close();
};

/** Talks to many peers of whom some are gone (BEP 5's DHT, and connections to a few): sharing of files. */
export const peers: Habit = async ({to, count}, {random}) => {
  const socket = createSocket("udp4");
  socket.on("error", () => {});
  const some = random.shuffled(to!).slice(0, within(random, count, 20));
  for (const place of some) {
    const question = `d1:ad2:id20:${random.word(20)}6:target20:${random.word(20)}e1:q9:find_node1:t2:aa1:y1:qe`;
    socket.send(question, port(place), host(place));
    await sleep(random.uniform(20, 400));
  }
  await Promise.all(
    some.slice(0, 5).map(async (place) => {
      const peer = await dial(place, false, 5000);
      peer?.write(Buffer.concat([Buffer.from("\x13BitTorrent protocol\0\0\0\0\0\0\0\0", "latin1"), random.bytes(40)]));
      await sleep(random.uniform(500, 8000));
      peer?.end();
    })
  );
  socket.close();
};
