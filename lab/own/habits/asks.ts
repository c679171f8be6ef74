import {createSocket} from "node:dgram";
import {setTimeout as sleep} from "node:timers/promises";
import {ber, message} from "../../services/snmp.ts";
import {type Habit, host, type Place, port, type Self, within} from "../habit.ts";
import {dnsQuestion} from "./local.ts";

/** Sends a datagram from a socket of its own and waits for an answer; false where none came. */
export function askOver(place: Place, data: Buffer, waitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const done = (answered: boolean) => {
      clearTimeout(timer);
      socket.close();
      resolve(answered);
    };
    const timer = setTimeout(() => done(false), waitMs);
    socket.once("message", () => done(true));
    socket.on("error", () => {});
    socket.send(data, port(place), host(place), (error) => error && done(false));
  });
}

/** Sets the clock by one to four servers (RFC 5905). */
export const ntp: Habit = async ({to, count}, {random}) => {
  for (const place of random.shuffled(to!).slice(0, within(random, count, 1))) {
    const request = Buffer.alloc(48);
    request[0] = random.pick([0x23, 0xe3, 0x1b]);
    random.bytes(8).copy(request, 40);
    await askOver(place, request, 2000);
  }
};

/** Finds out its own address before a call (RFC 8489). */
export const stun: Habit = async ({to, count}, {random}) => {
  for (let i = within(random, count, 2); i > 0; i--) {
    const request = Buffer.concat([Buffer.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]), random.bytes(12)]);
    await askOver(random.pick(to!), request, 1500);
  }
};

const names = ["www", "api", "cdn", "img", "login", "static", "ads", "metrics", "fonts", "video", "update", "mail"];

/** Looks up names in bursts, as a page with many parts does; some there are not. */
export const lookUps: Habit = async ({to, count}, {random}) => {
  const place = random.pick(to!);
  await Promise.all(
    Array.from({length: within(random, count, 6)}, async () => {
      await sleep(random.uniform(0, 300));
      const name = `${random.pick(names)}.${random.pick(["shop", "news", "office", "media", random.word(6)])}.example`;
      for (const type of random.pick([[1], [1, 28], [1, 28, 65]]))
        await askOver(place, dnsQuestion(random.integer(1, 65_535), name, type, 0x0100), 2500);
    })
  );
};

/** Asks a device how it is: SNMP GET of several names, one device after another. */
export const snmp: Habit = async ({to, count}, self) => {
  for (const place of to!) await askDevice(place, within(self.random, count, 4), self);
};

export function askDevice(place: Place, variables: number, {random}: Self): Promise<boolean> {
  const asked = Array.from({length: variables}, (_, i) =>
    ber(0x30, ber(6, Buffer.from([0x2b, 6, 1, 2, 1, 2, 2, 1, 10 + i, 1 + (i % 5)])), ber(5, Buffer.alloc(0)))
  );
  return askOver(place, message(0xa0, random.bytes(4), asked), 1500);
}

/** Reports without an answer: syslog, counters, flow records. */
export const report: Habit = async ({to, bytes, count}, {random}) => {
  const socket = createSocket("udp4");
  socket.on("error", () => {});
  const place = random.pick(to!);
  for (let i = within(random, count, 3); i > 0; i--) {
    const text = `<134>Nov 28 host daemon[7]: ${random.word(within(random, bytes, 90))}`;
    socket.send(text, port(place), host(place));
    await sleep(random.uniform(20, 400));
  }
  await sleep(100);
  socket.close();
};
