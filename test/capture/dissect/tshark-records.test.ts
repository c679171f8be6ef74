import {execFileSync} from "node:child_process";
import {join} from "node:path";
import {expect, it} from "vitest";
import {describeUnless, noProgram} from "../../needs.ts";
import {noSharedData, sharedData} from "../../shared-data.ts";
import type {RecordRow} from "./conversation.ts";
import {dissectCapture} from "./metered.ts";

/** Rows of fields that tshark finds in packets that pass a filter; null where there is no tshark. */
function tshark(file: string, filter: string, ...fields: string[]): string[][] {
  const asked = fields.flatMap((field) => ["-e", field]);
  const text = execFileSync(
    "tshark",
    [
      "-r",
      join(sharedData, file),
      "-d",
      "tcp.port==8000,ssh",
      "-Y",
      filter,
      "-T",
      "fields",
      "-E",
      "occurrence=a",
      "-E",
      "aggregator=\u0001",
      ...asked
    ],
    {encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 1 << 26}
  );
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
}

const sorted = (values: readonly unknown[]) =>
  values
    .filter((value) => value !== null && value !== "")
    .map(String)
    .sort();
const of = (rows: readonly RecordRow[] | undefined, name: string) => sorted((rows ?? []).map((row) => row[name]));

describeUnless(noSharedData ?? noProgram("tshark"))("records beside tshark's fields", () => {
  for (const file of [
    "pcap/joy/kali-normal-ssh.pcap",
    "pcap/joy/ssh-dropbear-default.pcap",
    "pcap/joy/ssh-gex-sha256.pcap",
    "pcap/ja4/ssh2-moloch-crash.pcap",
    "pcap/ja4/gre-sample.pcap",
    "pcap/ja4/tcpdump-geneve.pcap",
    "pcap/mercury/emix.pcap",
    "pcap/mercury/ssh_direction_asym.pcap",
    "pcap/ndpi/ssh.pcap"
  ])
    it(`${file}: HASSH of client and server are the same`, async () => {
      const {records} = await dissectCapture(file);
      const fields = tshark(file, "ssh.message_code == 20", "ssh.kex.hassh", "ssh.kex.hasshserver");
      expect(of(records.ssh, "hassh")).toEqual(sorted(fields.map(([client]) => client)));
      expect(of(records.ssh, "hassh_server")).toEqual(sorted(fields.map(([, server]) => server)));
    });

  for (const file of [
    "pcap/arkime/ftp.pcap",
    "pcap/chrissanders/tickedoffdeveloper.pcapng",
    "pcap/mercury/emix.pcap",
    "pcap/ndpi/ftp.pcap",
    "pcap/ndpi/ftp_failed.pcap"
  ])
    it(`${file}: FTP commands and their final replies are the same`, async () => {
      const {records} = await dissectCapture(file);
      const commands = tshark(file, "ftp.request.command", "ftp.request.command").flat();
      expect(of(records.ftp, "command")).toEqual(sorted(commands.map((command) => command.toUpperCase())));
      // tshark has the lines of a reply of several one by one; a greeting answers no command, the list of 211 is of several packets.
      const replies = tshark(file, "ftp.response.code >= 200", "ftp.response.code").flatMap(([codes]) => [
        ...new Set(codes.split("\u0001"))
      ]);
      const isAnswer = (code: string) => code !== "220" && code !== "211";
      expect(of(records.ftp, "reply_code").filter(isAnswer)).toEqual(sorted(replies.filter(isAnswer)));
    });

  for (const file of ["pcap/mercury/emix.pcap", "pcap/ndpi/smb_deletefile.pcap", "pcap/arkime/smb-smbclient.pcap"])
    it(`${file}: SMB shares, files and statuses are the same`, async () => {
      const {records} = await dissectCapture(file);
      const rows = records.smb ?? [];
      const creates = rows.filter(({command, version}) => command === "create" && version !== "NT LM 0.12");
      const files = tshark(file, "smb2.cmd == 5 && smb2.flags.response == 0", "smb2.filename").flat();
      expect(of(creates, "path")).toEqual(sorted(files));
      const shares = rows.filter(({command}) => command === "tree_connect");
      expect(of(shares, "share")).toEqual(
        sorted([
          ...tshark(file, "smb2.cmd == 3 && smb2.flags.response == 0", "smb2.tree").flat(),
          ...tshark(file, "smb.cmd == 0x75 && smb.flags.response == 0", "smb.path").flat()
        ])
      );
    });
});
