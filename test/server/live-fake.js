// Stands for `flowbook capture --events`: what it does is the filter's first word.

const args = process.argv.slice(2);
const mode = args.find((arg) => arg.startsWith("--filter="))?.slice("--filter=".length) ?? "";
const say = (news) => console.log(JSON.stringify(news));
const second = (n) => ({
  kind: "second",
  second: 1_700_000_000 + n,
  volume: [10, 1000],
  directions: [],
  kinds: [],
  newFlows: 0,
  destinations: []
});
const status = (more) => ({
  kind: "status",
  atMs: 1_700_000_001_000,
  packets: 10,
  kernelDrops: null,
  interfaceDrops: null,
  pipeDrops: null,
  evictedFlows: 0,
  stalls: 0,
  malformed: 0,
  cutPackets: 0,
  ...more
});
const ended = (more) => ({kind: "ended", problem: null, kernel_drops: 0, interface_drops: 0, pipe_drops: 0, ...more});

if (mode === "denied") {
  say({
    kind: "failed",
    problem: "permission",
    message: "no permission to capture on fake0 with dumpcap",
    hint: "sudo setcap cap_net_raw,cap_net_admin=eip /usr/bin/dumpcap",
    exit: 5
  });
  process.exit(5);
}
if (mode === "crash") {
  console.error("segmentation of a fault");
  process.exit(139);
}
say({
  kind: "started",
  interface: "fake0",
  program: "dumpcap",
  loss: "told at the end",
  capture: "c0ffee",
  atMs: 1,
  localNets: []
});
if (mode === "long-line") process.stdout.write(`${"x".repeat(3 << 20)}\nnot JSON\n`);
if (mode === "dropping") {
  say(status({kernelDrops: 5}));
  say(status({kernelDrops: 12, atMs: 1_700_000_002_000, evictedFlows: 3}));
}
if (mode === "many") for (let n = 0; n < 3000; n++) say(second(n));
else say(second(mode === "later" ? 100_000 : 0));
say(status({packets: 10}));
if (mode === "growing") {
  const incidents = (summary) => say({kind: "incidents", total: 1, grave: 1, incidents: [{id: "i1", summary}]});
  incidents("20 ports");
  setTimeout(() => incidents("40 ports"), 1500);
}
const end = () => {
  say(ended({kernel_drops: mode === "dropping" ? 20 : 0}));
  process.exit(0);
};
process.on("SIGTERM", end);
process.stdin.on("close", end).resume();
setInterval(() => {}, 1000);
