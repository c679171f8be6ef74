// send-frames INTERFACE PACKETS_PER_SECOND SECONDS FLOWS FRAME_BYTES: sends UDP frames over AF_PACKET, paced by the
// millisecond, and prints how many the kernel took: "SENT SECONDS".
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH 256

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static uint16_t checksum(const uint8_t *bytes, int length) {
  uint32_t sum = 0;
  for (int i = 0; i < length; i += 2) sum += (bytes[i] << 8) | bytes[i + 1];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return htons(~sum & 0xffff);
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  double rate = atof(argv[2]), seconds = atof(argv[3]);
  long flows = atol(argv[4]);
  int bytes = atoi(argv[5]);
  if (bytes < 60 || bytes > 1514 || rate <= 0 || flows < 1) return 2;
  int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_IP));
  struct sockaddr_ll link = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(argv[1]), .sll_halen = 6};
  if (fd < 0 || link.sll_ifindex == 0) {
    perror(argv[1]);
    return 1;
  }
  int room = 16 << 20;
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  static uint8_t frames[BATCH][1514];
  static struct mmsghdr messages[BATCH];
  static struct iovec pieces[BATCH];
  for (int i = 0; i < BATCH; i++) {
    uint8_t *f = frames[i];
    memset(f, 0, sizeof frames[i]);
    memset(f, 0xff, 6);
    f[6] = 2, f[11] = 1, f[12] = 8, f[13] = 0, f[14] = 0x45, f[22] = 64, f[23] = 17;
    int length = bytes - 14;
    f[16] = length >> 8, f[17] = length & 255;
    f[26] = 10, f[27] = 201, f[30] = 10, f[31] = 201, f[33] = 2;
    f[36] = 0x23, f[37] = 0x28, f[38] = (length - 20) >> 8, f[39] = (length - 20) & 255;
    pieces[i] = (struct iovec){f, bytes};
    messages[i].msg_hdr = (struct msghdr){&link, sizeof link, &pieces[i], 1, 0, 0, 0};
  }
  long sent = 0, number = 0, total = (long)(rate * seconds);
  double begin = now();
  while (sent < total) {
    long due = (long)((now() - begin) * rate) + 1;
    if (due > total) due = total;
    if (due <= sent) {
      struct timespec pause = {0, 200000};
      nanosleep(&pause, NULL);
      continue;
    }
    int count = due - sent > BATCH ? BATCH : (int)(due - sent);
    for (int i = 0; i < count; i++, number++) {
      uint8_t *f = frames[i];
      long flow = number % flows;
      f[28] = 1 + ((flow >> 16) & 127), f[29] = 1;
      f[34] = 4 + ((flow >> 8) & 0xff) % 250, f[35] = flow & 255;
      f[24] = f[25] = 0;
      uint16_t sum = checksum(f + 14, 20);
      memcpy(f + 24, &sum, 2);
    }
    int taken = sendmmsg(fd, messages, count, 0);
    if (taken < 0) number -= count;
    else {
      number -= count - taken;
      sent += taken;
    }
  }
  printf("%ld %.3f\n", sent, now() - begin);
  return 0;
}
