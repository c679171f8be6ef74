import {execFileSync, spawnSync} from "node:child_process";
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";

/** Another tool that makes flows of a capture. */
interface Peer {
  readonly name: string;
  /** What it does that can be compared. */
  readonly does: string;
  readonly needs: readonly string[];
  /** A shell line; `$CAPTURE` is the file, `$OUT` an empty folder. */
  readonly line: string;
  /** Takes minutes on large files: measured only where asked for. */
  readonly isSlow?: boolean;
}

const python = process.env.BENCH_PYTHON ?? "python3";

/** In the order of what they do: flows alone first. */
const peers: readonly Peer[] = [
  {name: "softflowd", does: "flows", needs: ["softflowd"], line: 'softflowd -r "$CAPTURE" -n 127.0.0.1:9 -v 9'},
  {name: "nfpcapd", does: "flows, written", needs: ["nfpcapd"], line: 'nfpcapd -r "$CAPTURE" -w "$OUT"'},
  {name: "argus", does: "flows, written", needs: ["argus"], line: 'argus -r "$CAPTURE" -w "$OUT/argus"'},
  {
    name: "argus + ra",
    does: "flows, as CSV",
    needs: ["argus", "ra"],
    line: 'argus -r "$CAPTURE" -w - | ra -r - -c , -s stime,dur,proto,saddr,sport,daddr,dport,pkts,bytes,state > "$OUT/ra.csv"'
  },
  {
    name: "tshark",
    does: "fields of packets, as text",
    needs: ["tshark"],
    line: 'tshark -n -r "$CAPTURE" -T fields -e ip.src -e ip.dst -e tcp.srcport -e udp.srcport -e frame.len > "$OUT/fields"',
    isSlow: true
  },
  {
    name: "NFStream",
    does: "flows with statistics and applications, as CSV",
    needs: [python],
    line: `"${python}" -c "import sys,nfstream; nfstream.NFStreamer(source=sys.argv[1],statistical_analysis=True,n_meters=1).to_csv(path=sys.argv[2])" "$CAPTURE" "$OUT/flows.csv"`,
    isSlow: true
  }
];

export interface PeerCost {
  readonly name: string;
  readonly does: string;
  /** User and system time of all its processes; null where it could not be measured, and `why`. */
  readonly cpuS: number | null;
  readonly why?: string;
}

/** What each peer costs on the capture, once each; slow ones only where `BENCH_SLOW` is set. */
export function measurePeers(capture: string): PeerCost[] {
  return peers.map(({name, does, needs, line, isSlow}) => {
    const missing = needs.find((program) => spawnSync("sh", ["-c", `command -v "${program}"`]).status !== 0);
    if (missing) return {name, does, cpuS: null, why: `${missing} is not installed`};
    if (isSlow && !process.env.BENCH_SLOW) return {name, does, cpuS: null, why: "takes minutes: set BENCH_SLOW=1"};
    const folder = mkdtempSync(join(tmpdir(), "flowbook-bench-peer-"));
    try {
      return {name, does, ...measure(line, capture, folder)};
    } finally {
      rmSync(folder, {recursive: true, force: true});
    }
  });
}

function measure(line: string, capture: string, folder: string): {cpuS: number | null; why?: string} {
  const timed = `TIMEFORMAT='flowbook-cpu %U %S'; time { ${line} ; }`;
  try {
    const told = execFileSync("bash", ["-o", "pipefail", "-c", `{ ${timed} ; } 2>&1 1>/dev/null`], {
      encoding: "utf8",
      env: {...process.env, CAPTURE: capture, OUT: folder},
      maxBuffer: 1 << 26,
      timeout: 900_000
    });
    const found = /flowbook-cpu ([\d.]+) ([\d.]+)/.exec(told);
    return found ? {cpuS: Number(found[1]) + Number(found[2])} : {cpuS: null, why: "its time could not be read"};
  } catch (error) {
    const {status, stderr} = error as {status?: number; stderr?: string};
    return {
      cpuS: null,
      why: `failed${status ? ` with ${status}` : ""} ${(stderr ?? "").trim().split("\n").at(-1) ?? ""}`
    };
  }
}
