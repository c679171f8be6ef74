import {createSocket} from "node:dgram";
import {connect, type Socket} from "node:net";
import {setTimeout as sleep} from "node:timers/promises";
import {connect as connectTls} from "node:tls";
import {type Habit, type HabitPlan, host, type Place, port, within} from "../habit.ts";

/** A connection, or null where there is none to be had. */
export function dial(place: Place, tls = false, timeoutMs = 12_000): Promise<Socket | null> {
  return new Promise((resolve) => {
    const to = {host: host(place), port: port(place)};
    const socket = tls ? connectTls({...to, rejectUnauthorized: false}) : connect(to);
    socket.setTimeout(timeoutMs, () => socket.destroy());
    socket.on("error", () => resolve(null));
    socket.on("close", () => resolve(null));
    socket.on("data", () => {});
    socket.once(tls ? "secureConnect" : "connect", () => {
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

/** Says something at even times over a connection that stays: notifications, chats, WebSockets, telemetry. */
export const keepAlive: Habit = async (plan, {random}) => {
  const place = random.pick(plan.to!);
  const socket = await dial(place, plan.tls);
  if (!socket) return;
  const hello = random.chance(0.5)
    ? `GET /ws HTTP/1.1\r\nHost: push.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${random.bytes(16).toString("base64")}\r\n\r\n`
    : random.bytes(random.integer(40, 400));
  socket.write(hello);
  const until = Date.now() + 1000 * within(random, plan.seconds, 120);
  while (Date.now() < until && socket.writable) {
    await sleep(1000 * plan.everySeconds * (1 + random.uniform(-plan.jitter, plan.jitter)));
    socket.write(random.bytes(within(random, plan.bytes, 30)));
  }
  socket.end();
};

/** Datagrams both ways at a steady rate: a game, a tunnel, a video call. `everySeconds` is the pause between two. */
export const datagrams: Habit = async (plan, {random}) => {
  const socket = createSocket("udp4");
  socket.on("error", () => {});
  const place = random.pick(plan.to!);
  const until = Date.now() + 1000 * within(random, plan.seconds, 30);
  for (const size of [148, 92]) {
    socket.send(random.bytes(size), port(place), host(place));
    await sleep(200);
  }
  while (Date.now() < until) {
    socket.send(random.bytes(within(random, plan.bytes, 160)), port(place), host(place));
    await sleep(1000 * plan.everySeconds * (1 + random.uniform(-plan.jitter, plan.jitter)));
  }
  socket.close();
  await sleep(random.uniform(2000, 15_000));
};

/** Watches a camera: RTSP, whose pictures come over the same connection. */
export const watchCamera: Habit = async (plan, {random}) => {
  const place = random.pick(plan.to!);
  const socket = await dial(place);
  if (!socket) return;
  const url = `rtsp://${place}/stream1`;
  for (const [i, method] of ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"].entries()) {
    socket.write(
      `${method} ${url} RTSP/1.0\r\nCSeq: ${i + 1}\r\nUser-Agent: recorder/1.4\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n`
    );
    await sleep(random.uniform(40, 200));
  }
  await sleep(1000 * within(random, plan.seconds, 60));
  socket.write(`TEARDOWN ${url} RTSP/1.0\r\nCSeq: 9\r\n\r\n`);
  socket.end();
};

/** Sends a lot at a limited rate: a print job, a backup. */
export const sendFile: Habit = async (plan, {random}) => {
  const socket = await dial(random.pick(plan.to!), plan.tls);
  if (!socket) return;
  await pour(socket, within(random, plan.bytes, 1e6), plan);
  socket.end();
};

async function pour(socket: Socket, bytes: number, {count}: HabitPlan): Promise<void> {
  const piece = Buffer.alloc(16_384, "flowbook ");
  const kilobytesPerSecond = count?.[0] ?? 500;
  for (let left = bytes; left > 0 && socket.writable; left -= piece.length) {
    if (!socket.write(piece.subarray(0, Math.min(left, piece.length))))
      await new Promise((resolve) => {
        socket.once("drain", resolve);
        socket.once("close", resolve);
      });
    await sleep(piece.length / kilobytesPerSecond);
  }
}
