import {hexValue} from "../http/http-values";
import {isText} from "../../text";

/** Words by which the body of a request attacks what it is sent to. */

/** Bytes that are looked at. */
export const SIGN_BYTES: usize = 960;

const decoded: usize = memory.data(SIGN_BYTES);

/** The kind of attack that the bytes carry by one of the words below; empty where they carry none. */
export function attackSignOf(start: usize, end: usize): string {
  const last = min(end, start + SIGN_BYTES);
  const plain = decode(start, last);
  let weak = "";
  for (let at = decoded; at < plain; at++) {
    const sign = signAt(at, plain);
    if (sign === "traversal") weak = sign;
    else if (sign.length > 0) return sign;
  }
  return weak;
}

/** Lower case, without the escapes of a form (WHATWG URL §5.1), which a body of another type hardly has; where it ends. */
function decode(start: usize, end: usize): usize {
  let to = decoded;
  for (let at = start; at < end; at++) {
    let byte = load<u8>(at);
    if (byte === 0x2b) byte = 0x20;
    else if (byte === 0x25 && at + 2 < end && hexValue(load<u8>(at, 1)) < 16 && hexValue(load<u8>(at, 2)) < 16) {
      byte = <u8>((hexValue(load<u8>(at, 1)) << 4) | hexValue(load<u8>(at, 2)));
      at += 2;
    }
    store<u8>(to++, <u32>byte - 0x41 < 26 ? byte | 0x20 : byte);
  }
  return to;
}

/** The kind of the word at `at`, in lower case; empty where none begins there. */
function signAt(at: usize, end: usize): string {
  switch (load<u8>(at)) {
    case 0x24: // $
      if (isText(at, end, "${jndi:") || isText(at, end, "${${lower:") || isText(at, end, "${${upper:") || isText(at, end, "${${env:") || isText(at, end, "${::-") || isText(at, end, "${${::-"))
        return "log4j";
      return isText(at, end, "$(") && isCommand(at + 2, end) ? "command" : "";
    case 0x3b: case 0x7c: case 0x60: case 0x26: // ; | ` &
      return isCommand(at + 1, end) ? "command" : "";
    case 0x28: // (
      return isText(at, end, "() { :") || isText(at, end, "() {:;") ? "shellshock" : "";
    case 0x23: // #
      return isText(at, end, "#_memberaccess") ? "ognl" : "";
    case 0x5b: // [
      return isText(at, end, "[#post_render]") || isText(at, end, "[#lazy_builder]") || isText(at, end, "[#markup]") ? "exploit" : "";
    case 0x3c: // <
      if (isText(at, end, "<!entity")) return isExternal(at, end) ? "xxe" : "";
      if (isText(at, end, "<?php") || isText(at, end, "<%")) return isShell(at, end) ? "webshell" : "";
      return "";
    case 0x27: case 0x22: // ' "
      return isAlwaysTrue(at + 1, end) ? "sql" : "";
    case 0x2f: // /
      if (isText(at, end, "/bin/busybox ")) return "command";
      return isText(at, end, "/etc/passwd") || isText(at, end, "/etc/shadow") ? "traversal" : "";
    case 0x40: // @
      return isText(at, end, "@java.lang.runtime@") || isText(at, end, "@ognl.ognlcontext@") ? "ognl" : isText(at, end, "@eval(") ? "webshell" : "";
  }
  return signOfWord(at, end);
}

function signOfWord(at: usize, end: usize): string {
  switch (load<u8>(at)) {
    case 0x61: // a
      if (isText(at, end, "annotationinvocationhandler")) return "deserialization";
      if (isText(at, end, "a=filesman&") || isText(at, end, "a=console&c=")) return "webshell";
      return isText(at, end, "allow_url_include") || isText(at, end, "auto_prepend_file") ? "command" : "";
    case 0x63: // c
      if (isText(at, end, "class.module.classloader")) return "ognl";
      if (isText(at, end, "c3lzdgvtk") || isText(at, end, "certutil -urlcache") || isText(at, end, "certutil.exe -urlcache")) return "command";
      return isText(at, end, "cmd.exe /c") || isText(at, end, "cmd /c powershell") ? "command" : "";
    case 0x65: // e
      if (isText(at, end, "eval(base64_decode(") || isText(at, end, "zxzhbcg")) return "webshell";
      return isText(at, end, "extractvalue(") ? "sql" : "";
    case 0x66: // f
      return isText(at, end, "functors.invokertransformer") ? "deserialization" : "";
    case 0x67: // g
      return isText(at, end, "getruntime().exec") ? "ognl" : "";
    case 0x69: // i
      return isText(at, end, "information_schema.") || isText(at, end, "into outfile '") || isText(at, end, "into dumpfile '") ? "sql" : "";
    case 0x6a: // j
      return isText(at, end, "java.lang.processbuilder") || isText(at, end, "java.beans.xmldecoder") ? "deserialization" : "";
    case 0x6f: // o
      return isText(at, end, "ognl.ognlcontext") ? "ognl" : "";
    case 0x70: // p
      if (isText(at, end, "php://input") || isText(at, end, "php://filter")) return "command";
      return isText(at, end, "powershell -e") || isText(at, end, "powershell.exe -e") ? "command" : "";
    case 0x73: // s
      return isText(at, end, "sleep(5)") || isText(at, end, "select pg_sleep(") ? "sql" : "";
    case 0x74: // t
      return isText(at, end, "t(java.lang.") ? "ognl" : "";
    case 0x75: // u
      return isText(at, end, "union select ") || isText(at, end, "union all select ") || isText(at, end, "updatexml(") ? "sql" : "";
    case 0x77: // w
      if (isText(at, end, "waitfor delay '")) return "sql";
      return isText(at, end, "widgetconfig[code]=") ? "exploit" : "";
    case 0x78: // x
      return isText(at, end, "xp_cmdshell") ? "sql" : "";
    case 0x5f: // _
      if (isText(at, end, "__globals__") || isText(at, end, "__subclasses__")) return "ognl";
      return isText(at, end, "_method=__construct") ? "exploit" : "";
  }
  return "";
}

/** Whether a command that fetches or opens something follows what ends the one before it. */
function isCommand(at: usize, end: usize): bool {
  while (at < end && load<u8>(at) === 0x20) at++;
  return isText(at, end, "wget ") || isText(at, end, "wget${ifs}") || isText(at, end, "curl ") || isText(at, end, "tftp ") ||
    isText(at, end, "busybox ") || isText(at, end, "/bin/busybox") || isText(at, end, "chmod 777 ") || isText(at, end, "nc -e ") ||
    isText(at, end, "bash -i ") || isText(at, end, "bash -c ") || isText(at, end, "sh -c ") || isText(at, end, "python -c ") || isText(at, end, "python3 -c ") ||
    isText(at, end, "perl -e ") || isText(at, end, "rm -rf ") || isText(at, end, "cd /tmp") || isText(at, end, "cd /var/tmp") || isText(at, end, "cat /etc/");
}

/** `' or 1=1`, `' or '1'='1`: a condition that always holds. */
function isAlwaysTrue(at: usize, end: usize): bool {
  while (at < end && (load<u8>(at) === 0x20 || load<u8>(at) === 0x29)) at++;
  if (!isText(at, end, "or ") && !isText(at, end, "or/**/")) return false;
  at += 3;
  while (at < end && load<u8>(at) === 0x20) at++;
  return isText(at, end, "1=1") || isText(at, end, "'1'='1") || isText(at, end, "'a'='a") || isText(at, end, "''='") || isText(at, end, "\"1\"=\"1");
}

/** An entity that is read from somewhere else (XML 1.0 §4.2.2). */
function isExternal(at: usize, end: usize): bool {
  const stop = min(end, at + 200);
  for (let i = at + 8; i < stop && load<u8>(i) !== 0x3e; i++) if (isText(i, stop, " system ")) return true;
  return false;
}

/** A page that runs what it is told to. */
function isShell(at: usize, end: usize): bool {
  for (let i = at + 2; i < end; i++)
    switch (load<u8>(i)) {
      case 0x65: // e
        if (isText(i, end, "eval(") || isText(i, end, "eval request") || isText(i, end, "execute(request") || isText(i, end, "execute request")) return true;
        break;
      case 0x73: // s
        if (isText(i, end, "system($_") || isText(i, end, "system(\"") || isText(i, end, "system('") || isText(i, end, "shell_exec(")) return true;
        break;
      case 0x70: // p
        if (isText(i, end, "passthru(") || isText(i, end, "proc_open(") || isText(i, end, "popen(")) return true;
        break;
      case 0x66: // f
        if (isText(i, end, "fsockopen(")) return true;
        break;
      case 0x67: // g
        if (isText(i, end, "getruntime()")) return true;
    }
  return false;
}
