import {mean, std} from "../statistics.ts";
import {type FeatureGroup, log, tallyOf} from "./group.ts";

const described = {
  empty_share: "Share of flows without payload.",
  single_packet_share: "Share of flows of one packet.",
  packets_mean: `Packets of a flow, ${log}; mean.`,
  packets_std: `Packets of a flow, ${log}; standard deviation.`,
  sent_mean: `Payload sent in a flow, ${log}; mean.`,
  sent_std: `Payload sent in a flow, ${log}; standard deviation.`,
  received_mean: `Payload received in a flow, ${log}; mean.`,
  received_std: `Payload received in a flow, ${log}; standard deviation.`,
  sent_sizes_share: "Distinct sizes sent / flows.",
  reply_sizes_share: "Distinct reply sizes / flows.",
  top_sent_share: "Share of the size sent that is most frequent.",
  top_reply_share: "Share of the reply size that is most frequent.",
  sent_total: `Payload sent in all, ${log}.`,
  received_total: `Payload received in all, ${log}.`,
  upload_share: "Payload sent / payload both ways; 0.5 without any.",
  most_sent: `Most payload sent in one flow, ${log}.`,
  most_received: `Most payload received in one flow, ${log}.`,
  balance_mean: "ln((1 + sent) / (1 + received)) of a flow; mean.",
  balance_std: "The same; standard deviation."
};

/** How much was sent and received. */
export const sizes: FeatureGroup<keyof typeof described> = {
  described,
  compute({flows: {srcPackets, dstPackets, srcPayload, dstPayload}, rows, scratch}) {
    const n = rows.length;
    const sentSizes = tallyOf(rows, srcPayload, scratch);
    const replySizes = tallyOf(rows, dstPayload, scratch);
    const packets = scratch.take(n);
    const sent = scratch.take(n);
    const received = scratch.take(n);
    const balance = scratch.take(n);
    const total = {empty: 0, single: 0, sent: 0, received: 0, mostSent: 0, mostReceived: 0};
    for (let i = 0; i < n; i++) {
      const row = rows[i];
      const all = srcPackets[row] + dstPackets[row];
      if (srcPayload[row] + dstPayload[row] === 0) total.empty++;
      if (all === 1) total.single++;
      packets[i] = Math.log(1 + all);
      sent[i] = Math.log(1 + srcPayload[row]);
      received[i] = Math.log(1 + dstPayload[row]);
      balance[i] = sent[i] - received[i];
      total.sent += srcPayload[row];
      total.received += dstPayload[row];
      total.mostSent = Math.max(total.mostSent, srcPayload[row]);
      total.mostReceived = Math.max(total.mostReceived, dstPayload[row]);
    }
    return {
      empty_share: total.empty / n,
      single_packet_share: total.single / n,
      packets_mean: mean(packets),
      packets_std: std(packets),
      sent_mean: mean(sent),
      sent_std: std(sent),
      received_mean: mean(received),
      received_std: std(received),
      sent_sizes_share: sentSizes.size / n,
      reply_sizes_share: replySizes.size / n,
      top_sent_share: sentSizes.most / n,
      top_reply_share: replySizes.most / n,
      sent_total: Math.log1p(total.sent),
      received_total: Math.log1p(total.received),
      upload_share: total.sent + total.received > 0 ? total.sent / (total.sent + total.received) : 0.5,
      most_sent: Math.log1p(total.mostSent),
      most_received: Math.log1p(total.mostReceived),
      balance_mean: mean(balance),
      balance_std: std(balance)
    };
  }
};
