import {createServer} from "node:net";
import {Random} from "../random.ts";
import {eachLine} from "./lines.ts";

/** A camera: RTSP whose RTP comes interleaved on the same connection (RFC 2326 §10.12), from PLAY to TEARDOWN. */
export function stream(port: number): void {
  const random = new Random(port);
  createServer((socket) => {
    let timer: NodeJS.Timeout | undefined;
    let method = "";
    let sequence = "1";
    const frame = () => {
      const bytes = random.bytes(random.integer(300, 1380));
      const head = Buffer.from([0x24, 0, bytes.length >> 8, bytes.length & 255]);
      if (socket.writableLength < 2e5) socket.write(Buffer.concat([head, bytes]));
    };
    socket.on("error", () => socket.destroy());
    socket.on("close", () => clearInterval(timer));
    eachLine(socket, (line) => {
      method ||= /^([A-Z_]+) rtsp:/.exec(line)?.[1] ?? "";
      sequence = /^CSeq: (\d+)/i.exec(line)?.[1] ?? sequence;
      if (line !== "" || !method) return;
      const body = method === "DESCRIBE" ? "v=0\r\ns=camera\r\nm=video 0 RTP/AVP 96\r\na=control:track1\r\n" : "";
      socket.write(
        `RTSP/1.0 200 OK\r\nCSeq: ${sequence}\r\nSession: 7711\r\nContent-Length: ${body.length}\r\n\r\n${body}`
      );
      if (method === "PLAY") timer ??= setInterval(frame, random.integer(25, 90));
      if (method === "TEARDOWN") socket.end();
      method = "";
    });
  }).listen(port, "::");
}
