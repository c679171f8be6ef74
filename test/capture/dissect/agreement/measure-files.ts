// `npx tsx test/capture/dissect/agreement/measure-files.ts [PART OF A PATH]`: the share of files whose digests are those of
// the objects that tshark exports, over the shared captures that have any; and the share of those that are files, not
// segments behind a hole and pipes.
import {relative} from "node:path";
import {capturesOf} from "../../../health/captures.ts";
import {sharedData} from "../../../shared-data.ts";
import {dissectFiles} from "../metered.ts";
import {exportedObjects} from "./exported-objects.ts";

/** Files that differ, with the reason. */
const explained: readonly (readonly [RegExp, string])[] = [
  [/ndpi\/ftp/, "tshark lacks a segment that came late"],
  [/bigtransfer/, "of 5 GB a few segments were captured, which tshark puts together without their holes"],
  [/gtp2_different_udp_port/, "the tunnel's packets are fragments of IP, which are not put together"]
];

const part = process.argv[2] ?? "";
let [theirs, equal, files, filesEqual, filesExplained] = [0, 0, 0, 0, 0];
for (const file of capturesOf("pcap", "incidents").filter((file) => file.includes(part))) {
  const {records} = await dissectFiles([file]);
  const rows = records.files ?? [];
  for (const [protocol, kind] of [
    ["http", "http"],
    ["ftp", "ftp-data"],
    ["tftp", "tftp"],
    ["smb", "smb"]
  ] as const) {
    const own = rows.filter((row) => row.protocol === protocol);
    // Without a word of the protocol there is nothing to export, as tshark takes its time to say.
    if (own.length === 0 && !(protocol in records)) continue;
    const objects = exportedObjects(file, kind);
    const left = own.map(({sha256}) => sha256);
    const missing = objects.filter(({sha256}) => {
      const at = left.indexOf(sha256);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
    theirs += objects.length;
    equal += objects.length - missing.length;
    const filesMissing = missing.filter(({isFile}) => isFile).length;
    const filesHere = objects.filter(({isFile}) => isFile).length;
    files += filesHere;
    filesEqual += filesHere - filesMissing;
    const why = explained.find(([captures]) => captures.test(file))?.[1];
    if (why) filesExplained += filesMissing;
    if (missing.length > 0)
      console.log(
        `${relative(sharedData, file)} ${protocol}: ${missing.length} of tshark's ${objects.length} are not among our ${own.length}, ${filesMissing} of them files${why ? `; ${why}` : ""}`
      );
  }
}
const share = (part: number, whole: number) => `${part} of ${whole}, ${((100 * part) / whole).toFixed(2)} %`;
console.log(`all objects: ${share(equal, theirs)}`);
console.log(`files: ${share(filesEqual, files)}, ${filesExplained} explained`);
