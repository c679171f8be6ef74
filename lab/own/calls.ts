import {createSocket} from "node:dgram";
import {request as httpRequest} from "node:http";
import {request as httpsRequest} from "node:https";
import {connect} from "node:net";
import {setTimeout as sleep} from "node:timers/promises";
import type {Endpoint} from "../configuration.ts";

/** Says on standard output which connection was made, for the lab's truth. */
function report(proto: number, srcPort: number, {address, port}: Endpoint): void {
  console.log(JSON.stringify({proto, src_port: srcPort, dst: address, dst_port: port}));
}

/** One request on a connection of its own; resolves when it is over, however it ended. */
export function call(
  tls: boolean,
  to: Endpoint,
  path: string,
  body: Buffer | undefined,
  headers: Record<string, string>
): Promise<void> {
  return new Promise((resolve) => {
    const options = {host: to.address, port: to.port, path, headers, agent: false as const, timeout: 15_000};
    const request = tls
      ? httpsRequest({...options, method: body ? "POST" : "GET", rejectUnauthorized: false, servername: to.names[0]})
      : httpRequest({...options, method: body ? "POST" : "GET"});
    request.once("socket", (socket) => socket.once("connect", () => report(6, socket.localPort ?? 0, to)));
    request.once("response", (response) => response.resume().once("close", resolve));
    request.once("timeout", () => request.destroy());
    request.once("error", () => resolve());
    request.end(body);
  });
}

/** Several messages over one plain connection, each answered. */
export function talk(to: Endpoint, messages: readonly Buffer[], pauseMs: () => number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(to.port, to.address, async () => {
      report(6, socket.localPort ?? 0, to);
      for (const message of messages) {
        if (!socket.writable) break;
        socket.write(message);
        await sleep(pauseMs());
      }
      socket.end();
    });
    socket.setTimeout(15_000, () => socket.destroy());
    socket.on("data", () => {});
    socket.once("error", () => resolve());
    socket.once("close", () => resolve());
  });
}

/** A TXT question whose name carries the bytes (RFC 1035), from a socket of its own. */
export function ask(to: Endpoint, data: Buffer, id: number): Promise<void> {
  const hex = data.toString("hex");
  const parts = [...(hex.match(/.{1,60}/g) ?? []), "x", "lab", "example"];
  const name = Buffer.concat([
    ...parts.map((part) => Buffer.from(String.fromCharCode(part.length) + part, "latin1")),
    Buffer.from([0])
  ]);
  const header = Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const done = () => {
      clearTimeout(timer);
      socket.close();
      resolve();
    };
    const timer = setTimeout(done, 2000);
    socket.once("message", done);
    socket.bind(0, () => {
      report(17, socket.address().port, to);
      socket.send(Buffer.concat([header, name, Buffer.from([0, 16, 0, 1])]), to.port, to.address);
    });
  });
}
