import {createSocket, type Socket} from "node:dgram";
import {setTimeout as sleep} from "node:timers/promises";
import type {Random} from "../../random.ts";
import {description} from "../../services/sip.ts";
import {type Habit, host, type Place, port, within} from "../habit.ts";

let phone: Socket | undefined;
let calls = 0;

function line(): Promise<Socket> {
  if (phone) return Promise.resolve(phone);
  const socket = createSocket("udp4");
  phone = socket;
  socket.on("error", () => {});
  return new Promise((resolve) => void socket.bind(5060, () => resolve(socket)));
}

function say(socket: Socket, place: Place, method: string, address: string, random: Random, more: string[], body = "") {
  const user = address.split(".").pop();
  const lines = [
    `${method} sip:${host(place)} SIP/2.0`,
    `Via: SIP/2.0/UDP ${address}:5060;branch=z9hG4bK${random.word(8)}`,
    `From: <sip:${user}@${host(place)}>;tag=${random.word(6)}`,
    `To: <sip:${user}@${host(place)}>`,
    `Call-ID: ${random.word(12)}@${address}`,
    `CSeq: ${++calls} ${method}`,
    "User-Agent: phone/4.2",
    ...more
  ];
  socket.send(`${lines.join("\r\n")}\r\nContent-Length: ${body.length}\r\n\r\n${body}`, port(place), host(place));
}

const credentials = (random: Random) => [
  `Authorization: Digest username="${random.integer(100, 999)}", realm="lab", nonce="8f2a1c", uri="sip:lab", response="${random.bytes(16).toString("hex")}"`
];

/** A telephone registers again and again, each time with a refusal before its digest: no guessing of passwords. */
export const register: Habit = async ({to}, {address, random}) => {
  const socket = await line();
  say(socket, to![0], "REGISTER", address, random, ["Expires: 60"]);
  await sleep(random.uniform(120, 500));
  say(socket, to![0], "REGISTER", address, random, ["Expires: 60", ...credentials(random)]);
  if (random.chance(0.4)) say(socket, to![0], "OPTIONS", address, random, []);
};

/** A call: the exchange is asked, then 50 packets a second go both ways (RFC 3550). */
export const phoneCall: Habit = async ({to, seconds}, {address, random}) => {
  const [exchange, ...others] = to!;
  const socket = await line();
  say(socket, exchange, "INVITE", address, random, ["Content-Type: application/sdp"], description(address));
  await sleep(1200);
  const media = createSocket("udp4");
  media.on("error", () => {});
  const packet = Buffer.concat([Buffer.from([0x80, 8, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]), random.bytes(160)]);
  const other = random.pick(others);
  const until = Date.now() + 1000 * within(random, seconds, 12);
  for (let i = 0; Date.now() < until; i++) {
    packet.writeUInt16BE(i & 0xffff, 2);
    packet.writeUInt32BE((i * 160) >>> 0, 4);
    media.send(packet, port(other), host(other));
    await sleep(20);
  }
  media.close();
  say(socket, exchange, "BYE", address, random, []);
};
