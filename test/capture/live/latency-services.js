// What is attacked while latency is measured: a web server, an FTP server that refuses every password, and one that
// answers a line with a line. In plain JavaScript: it is started in a namespace, without the project's loader.
import {createServer as createWeb} from "node:http";
import {createServer} from "node:net";

createWeb((_, response) => response.end("hello\n")).listen(80);
createServer((socket) => {
  socket.on("error", () => socket.destroy());
  socket.write("220 ready\r\n");
  socket.on("data", (bytes) => {
    const verb = String(bytes).slice(0, 4).toUpperCase();
    if (verb === "USER") socket.write("331 password please\r\n");
    else socket.end("530 login incorrect\r\n");
  });
}).listen(21);
createServer((socket) => {
  socket.on("error", () => socket.destroy());
  socket.on("data", () => socket.write("nothing to do\n"));
}).listen(8443, () => console.log("ready"));
