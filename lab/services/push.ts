import {createHash} from "node:crypto";
import {readFileSync} from "node:fs";
import {createServer, type Socket} from "node:net";
import {join} from "node:path";
import {createServer as createTlsServer} from "node:tls";
import {Random} from "../random.ts";

/**
 * Holds connections open and now and then says something: the far end of notifications, chats and WebSockets (RFC 6455;
 * a client that asks for an upgrade gets frames).
 */
export function push(port: number, folder: string, tls: boolean): void {
  const random = new Random(port);
  const listener = (socket: Socket) => serve(socket, random);
  const server = tls
    ? createTlsServer(
        {cert: readFileSync(join(folder, "tls.crt")), key: readFileSync(join(folder, "tls.key"))},
        listener
      ).on("tlsClientError", () => {})
    : createServer(listener);
  server.listen(port, "::");
}

function serve(socket: Socket, random: Random): void {
  let framed = false;
  const say = (length: number) => {
    const head = framed ? [0x82, ...(length < 126 ? [length] : [126, length >> 8, length & 255])] : [];
    socket.write(Buffer.concat([Buffer.from(head), random.bytes(length)]));
  };
  socket.on("error", () => socket.destroy());
  socket.on("data", (data) => {
    const key = /^Sec-WebSocket-Key: *(\S+)/im.exec(data.toString("latin1"))?.[1];
    if (!key) return say(random.integer(2, 60));
    framed = true;
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
    );
  });
  const timer = setInterval(() => {
    if (random.chance(0.2)) say(random.integer(30, 1500));
  }, 2500);
  socket.on("close", () => clearInterval(timer));
}
