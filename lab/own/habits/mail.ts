import {setTimeout as sleep} from "node:timers/promises";
import {type Habit, within} from "../habit.ts";
import {askOver} from "./asks.ts";
import {dnsQuestion} from "./local.ts";
import {dial} from "./long.ts";

/** Hands mails on to several servers, each looked up first: a relay with many peers. `to` begins with a name server. */
export const relayMail: Habit = async ({to, bytes, count}, {random}) => {
  const [names, ...servers] = to!;
  for (let i = within(random, count, 4); i > 0; i--) {
    await askOver(names, dnsQuestion(random.integer(1, 65_535), `${random.word(7)}.example`, 15, 0x0100), 2500);
    const socket = await dial(random.pick(servers));
    if (!socket) continue;
    const lines = ["EHLO relay.example", "MAIL FROM:<a@relay.example>", "RCPT TO:<b@there.example>", "DATA"];
    for (const line of lines) {
      socket.write(`${line}\r\n`);
      await sleep(random.uniform(60, 400));
    }
    socket.write(
      `Subject: ${random.word(9)}\r\n\r\n${`${random.word(72)}\r\n`.repeat(Math.ceil(within(random, bytes, 5000) / 74))}.\r\n`
    );
    await sleep(500);
    socket.end("QUIT\r\n");
  }
};
