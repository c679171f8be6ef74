import {Event} from "../../meter/layout";

const PORT = 34980;

/** EtherCAT over UDP by its port, the header's length and type, and a command (ETG.1000.4 §5.3). */
export function recogniseEthercat(event: Event, start: usize, end: usize): bool {
  if (event.sourcePort !== PORT && event.destinationPort !== PORT) return false;
  if (start + 14 > end) return false;
  const header = load<u16>(start);
  return header >> 12 === 1 && <usize>(header & 0x7ff) <= end - start - 2 && load<u8>(start, 2) <= 14;
}
