import {isTextAnyCase} from "../ascii.ts";
import {type Protocol, transport} from "../protocol.ts";

/** SSDP by its HTTP-like first line over UDP (UPnP Device Architecture §1). */
export const ssdp: Protocol = {
  name: "ssdp",
  transports: [transport.udp],
  firstByte: (byte) => byte === 0x4d || byte === 0x4e || byte === 0x48,
  recognise({bytes, start, end}) {
    return ["M-SEARCH * HTTP/1.", "NOTIFY * HTTP/1.", "HTTP/1.1 200 "].some((line) =>
      isTextAnyCase(bytes, start, end, line)
    );
  }
};
