import {appendNumber, appendText} from "../../text";

/** Writes the name of an error of HTTP/2 (RFC 9113 §7), or its number; where it ends. */
export function appendHttp2Error(code: u32, to: usize): usize {
  const name = errorName(code);
  return name.length > 0 ? appendText(name, to) : appendNumber(code, to);
}

function errorName(code: u32): string {
  switch (code) {
    case 0: return "NO_ERROR";
    case 1: return "PROTOCOL_ERROR";
    case 2: return "INTERNAL_ERROR";
    case 3: return "FLOW_CONTROL_ERROR";
    case 4: return "SETTINGS_TIMEOUT";
    case 5: return "STREAM_CLOSED";
    case 6: return "FRAME_SIZE_ERROR";
    case 7: return "REFUSED_STREAM";
    case 8: return "CANCEL";
    case 9: return "COMPRESSION_ERROR";
    case 10: return "CONNECT_ERROR";
    case 11: return "ENHANCE_YOUR_CALM";
    case 12: return "INADEQUATE_SECURITY";
    case 13: return "HTTP_1_1_REQUIRED";
  }
  return "";
}
