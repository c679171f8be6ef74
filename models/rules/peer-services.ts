/** Services, by content, of networks of peers: who speaks them talks with strangers in ways that nothing recognises, too. */
export const peerServices = [
  "bittorrent",
  "edonkey",
  "gnutella",
  "bitcoin",
  "ethereum",
  "syncthing",
  "tinc",
  "tailscale",
  "wireguard"
];
