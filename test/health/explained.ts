/** Captures whose TCP health differs from tshark's by definition, and the part of it (docs/meter.md tells more of each). */
export const explained: readonly {readonly captures: RegExp; readonly why: string}[] = [
  {
    captures: /ndpi\/(mongodb|capwap_data)|zeek-extra\/vlan-(collisions|pcp-dei)|syn_retransmit_with_ts/,
    why: "a flow has its VLAN in its key"
  },
  {captures: /ndpi\/ajp\./, why: "tshark takes the end of a frame within FabricPath for its check sequence"},
  {captures: /ndpi\/dnp3\./, why: "duplicate ACKs before the idle timeout are another flow's"},
  {
    captures: /zeek-extra\/tcp\/reassembly|invoke-wmiexec/,
    why: "tshark counts duplicate ACKs without a sign, and -1 of them as many"
  },
  {
    captures: /reasm_crash_anon|pppoe-over-qinq/,
    why: "lengths are the IP header's, also where the frame or PPPoE's header has less"
  }
];
