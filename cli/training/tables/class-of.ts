/** A class for what a table only calls malicious. It counts as an attack in figures, and nothing is learnt from it. */
export const unnamedAttack = "Attack";

/** What labels of the published data sets are called here, the first that matches. */
const classes: readonly (readonly [RegExp, string | null])[] = [
  [/^(benign|normal|0)$/, "Normal"],
  [/^(unknown|background|needmanuallabel|)$/, null],
  [/ddos|^ddos/, "DDoS"],
  [/portscan|horizontalportscan|^(nmap|portsweep|satan|mscan|saint)$/, "PortScan"],
  [/^(ipsweep|reconnaissance|analysis|fuzzers)$/, "Probe"],
  [/web attack|webattack|brute ?force ?-(web|xss)|brute force -(web|xss)|sql ?injection|^xss$/, "WebAttack"],
  [/patator|brute ?force|bruteforce|guess_passwd/, "BruteForce"],
  [/exfiltration/, "Exfiltration"],
  [/^dos|dos attacks|^(neptune|smurf|back|teardrop|pod|land|apache2|udpstorm|processtable|mailbomb)$/, "DoS"],
  [/^bot|botnet|c&c|_c2|okiru|mirai|torii|filedownload|heartbeat/, "Botnet"],
  [/infilt(e?)ration|exploits|shellcode|worms?$|backdoors?$/, "Infiltration"],
  [
    /^(buffer_overflow|ftp_write|imap|loadmodule|multihop|perl|phf|rootkit|spy|warezclient|warezmaster|xterm|ps|sqlattack|httptunnel|named|sendmail|snmpgetattack|snmpguess|worm|xlock|xsnoop)$/,
    "Infiltration"
  ],
  [/^(malicious|attack|generic|anomaly|heartbleed|1)/, unnamedAttack]
];

/** The class of a table's label: null where it is none, {@link unnamedAttack} where it names no kind. */
export function classOf(label: string): string | null {
  const plain = label.trim().toLowerCase().replace(/[–—�]/g, "-");
  const found = classes.find(([pattern]) => pattern.test(plain));
  return found ? found[1] : null;
}
