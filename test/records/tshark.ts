import {execFileSync} from "node:child_process";

/** Between several values of a field in one packet. */
const between = "\u0001";

/** What tshark finds in packets that pass a filter: a row a packet, a list of values a field; none where it cannot read the file. */
export function tsharkFields(
  file: string,
  filter: string,
  fields: readonly string[],
  decode: readonly string[] = []
): string[][][] {
  const asked = fields.flatMap((field) => ["-e", field]);
  const ports = decode.flatMap((port) => ["-d", port]);
  const options = ["-E", "occurrence=a", "-E", `aggregator=${between}`];
  let text: string;
  try {
    text = execFileSync("tshark", ["-r", file, ...ports, "-Y", filter, "-T", "fields", ...options, ...asked], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: 1 << 28
    });
  } catch (error) {
    // It ends with an error after a capture that was cut short, having told all it read.
    text = (error as {stdout?: string}).stdout ?? "";
  }
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t").map((values) => (values === "" ? [] : values.split(between))));
}
