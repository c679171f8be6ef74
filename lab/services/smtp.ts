import {createServer} from "node:net";
import {eachLine} from "./lines.ts";

/** Takes mail and forgets it (RFC 5321 commands, no extensions but SIZE). */
export function smtp(port: number): void {
  createServer((socket) => {
    let inData = false;
    socket.on("error", () => socket.destroy());
    socket.write("220 mail.lab.example ESMTP\r\n");
    eachLine(socket, (line) => {
      if (inData) {
        if (line !== ".") return;
        inData = false;
        socket.write("250 2.0.0 queued\r\n");
        return;
      }
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === "EHLO") socket.write("250-mail.lab.example\r\n250 SIZE 10485760\r\n");
      else if (verb === "DATA") {
        inData = true;
        socket.write("354 end with a dot\r\n");
      } else if (verb === "QUIT") socket.end("221 2.0.0 bye\r\n");
      else if (["HELO", "MAIL", "RCPT", "RSET", "NOOP"].includes(verb)) socket.write("250 2.1.0 ok\r\n");
      else socket.write("502 5.5.2 not known\r\n");
    });
  }).listen(port, "::");
}
