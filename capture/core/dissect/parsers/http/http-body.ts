import {keepText} from "../../heap";
import {find, isTextAnyCase} from "../../text";
import {openTransfer} from "../files/transfer";
import {Request, textsOf} from "./http-exchange";
import {HttpHead} from "./http-message";
import {heldLength, makeValue, valueAt, valueLength} from "./http-values";

/** Bodies of messages as files: their names and types. */

/** The file in the body of the message whose head it is, which belongs to `request` (0: not known); 0 where memory is out. */
export function openBody(head: HttpHead, request: usize, ts: f64, direction: u8): usize {
  const declared = head.hasLength !== 0 && head.isChunked === 0 ? heldLength(head.length) : NaN;
  const type = keepValue(head.contentType, head.contentTypeEnd);
  const encoding = keepValue(head.encoding, head.encodingEnd);
  let name = head.disposition === 0 ? 0 : nameOfDisposition(head.disposition, head.dispositionEnd);
  if (name === 0 && request !== 0) name = nameOfTarget(changetype<Request>(request));
  return openTransfer(ts, direction, declared, name, type, encoding);
}

function keepValue(start: usize, end: usize): usize {
  if (start === 0) return 0;
  makeValue(start, end);
  return keepText(valueAt, valueLength);
}

/** `attachment; filename="a.txt"` (RFC 6266 §4.1); the other form, `filename*`, is passed over. */
function nameOfDisposition(start: usize, end: usize): usize {
  for (let at = start; at + 9 < end; at++) {
    if (!isTextAnyCase(at, end, "FILENAME=")) continue;
    const isQuoted = load<u8>(at + 9) === 0x22;
    const from = at + (isQuoted ? 10 : 9);
    const stop = find(isQuoted ? 0x22 : 0x3b, from, end);
    return keepValue(from, stop === 0 ? end : stop);
  }
  return 0;
}

/** The last part of the target's path; 0 where that is empty. */
function nameOfTarget(request: Request): usize {
  if (request.uri <= 0) return 0;
  const start = textsOf(request) + <usize>request.method + <usize>max(request.host, 0);
  let end = start + <usize>request.uri;
  const query = find(0x3f, start, end);
  if (query !== 0) end = query;
  let at = end;
  while (at > start && load<u8>(at - 1) !== 0x2f) at--;
  return at === end || at === start ? 0 : keepText(at, <u32>(end - at));
}
