import {u32At} from "../../../meter/bytes";
import {isText, isTextAnyCase} from "../../text";

/** Types of files by their first bytes, as media types. */

/** First bytes that are looked at: those of a tape archive reach that far. */
export const TYPE_BYTES: usize = 264;

/** The media type that the first bytes tell; empty where they tell none. */
export function typeOf(start: usize, end: usize): string {
  const length = end - start;
  if (length < 2) return "";
  const found = length >= 4 ? byMagic(start, end, length) : "";
  if (found.length > 0) return found;
  if (isText(start, end, "MZ")) return "application/x-dosexec";
  if (isText(start, end, "#!")) return "text/x-shellscript";
  return byText(start, end);
}

function byMagic(start: usize, end: usize, length: usize): string {
  switch (u32At(start)) {
    case 0x7f454c46: return "application/x-elf";
    case 0x25504446: return "application/pdf";
    case 0x504b0304: case 0x504b0506: return isJava(start, end) ? "application/java-archive" : "application/zip";
    case 0x52617221: return "application/x-rar";
    case 0x377abcaf: return "application/x-7z-compressed";
    case 0x89504e47: return "image/png";
    case 0x47494638: return "image/gif";
    case 0xd0cf11e0: return "application/x-ole-storage";
    case 0x7b5c7274: return "text/rtf";
    case 0xfd377a58: return "application/x-xz";
    case 0x28b52ffd: return "application/zstd";
    case 0x4d534346: return "application/vnd.ms-cab-compressed";
    case 0xcafebabe: return length > 7 && u32At(start + 4) > 30 ? "application/java-vm" : "application/x-mach-binary";
    case 0xfeedface: case 0xfeedfacf: case 0xcefaedfe: case 0xcffaedfe: return "application/x-mach-binary";
    case 0x0061736d: return "application/wasm";
    case 0x6465780a: return "application/vnd.android.dex";
    case 0x774f4646: return "font/woff";
    case 0x774f4632: return "font/woff2";
    case 0x4f54544f: return "font/otf";
    case 0x00010000: return length > 11 ? "font/ttf" : "";
    // Up to 255 images; a DNS query begins with the same four bytes.
    case 0x00000100: return length > 9 && load<u8>(start, 4) !== 0 && load<u8>(start, 5) === 0 && load<u8>(start, 9) === 0 ? "image/vnd.microsoft.icon" : "";
    case 0x4f676753: return "application/ogg";
    case 0x664c6143: return "audio/flac";
    case 0x1a45dfa3: return "video/x-matroska";
    case 0x464c5601: return "video/x-flv";
    case 0x49492a00: case 0x4d4d002a: return "image/tiff";
    case 0x3026b275: return "video/x-ms-asf";
    case 0x4c000000: return length > 7 && u32At(start + 4) === 0x01140200 ? "application/x-ms-shortcut" : "";
    case 0xd4c3b2a1: case 0xa1b2c3d4: return "application/vnd.tcpdump.pcap";
    case 0x53514c69: return "application/vnd.sqlite3";
    case 0x52494646:
      if (isText(start + 8, end, "WEBP")) return "image/webp";
      return isText(start + 8, end, "WAVE") ? "audio/x-wav" : isText(start + 8, end, "AVI ") ? "video/x-msvideo" : "";
  }
  const three = u32At(start) >> 8;
  if (three === 0xffd8ff) return "image/jpeg";
  if (three === 0x1f8b08) return "application/gzip";
  if (three === 0x425a68) return "application/x-bzip2";
  if (three === 0x494433) return "audio/mpeg";
  if (three === 0x465753 || three === 0x435753 || three === 0x5a5753) return "application/x-shockwave-flash";
  if (isText(start + 4, end, "ftyp")) return "video/mp4";
  if (length >= 262 && isText(start + 257, end, "ustar")) return "application/x-tar";
  return "";
}

/** Whether an archive's first entry is that of a Java archive. */
function isJava(start: usize, end: usize): bool {
  return isText(start + 30, end, "META-INF/");
}

/** Mark-up by its first word, else text where no byte is of a binary file. */
function byText(start: usize, end: usize): string {
  let at = start;
  if (end - at >= 3 && load<u8>(at) === 0xef && load<u8>(at, 1) === 0xbb && load<u8>(at, 2) === 0xbf) at += 3;
  while (at < end && (load<u8>(at) === 0x20 || <u32>load<u8>(at) - 9 < 5)) at++;
  if (at < end && load<u8>(at) === 0x3c) {
    if (isTextAnyCase(at, end, "<!DOCTYPE HTML") || isTextAnyCase(at, end, "<HTML") || isTextAnyCase(at, end, "<HEAD") || isTextAnyCase(at, end, "<BODY") || isTextAnyCase(at, end, "<SCRIPT"))
      return "text/html";
    if (isText(at, end, "<?xml")) return "application/xml";
    if (isTextAnyCase(at, end, "<SVG")) return "image/svg+xml";
  }
  for (at = start; at < end; at++) {
    const byte = load<u8>(at);
    if ((byte < 0x20 && !(byte >= 9 && byte <= 13) && byte !== 27) || byte === 0x7f) return "";
  }
  return "text/plain";
}
