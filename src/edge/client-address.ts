/** Whose request it is by address, through the proxies that are believed. */

import { BlockList, isIP } from 'node:net';

/** IPv4 inside of IPv6, as sockets that take both tell it. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/**
 * How to read a client's address.
 *
 * @param trusted - addresses and networks, e.g. `10.0.0.0/8`, of proxies that say the truth
 * @returns the address, from the socket's end and `X-Forwarded-For`: the last that no trusted proxy has
 *   said of itself; undefined when the socket does not tell
 */
export function clientAddresses(
  trusted: readonly string[],
): (socket: string | undefined, forwarded: string | null) => string | undefined {
  const proxies = new BlockList();
  for (const entry of trusted) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) {
      proxies.addAddress(address, family);
    } else {
      proxies.addSubnet(address, Number(bits), family);
    }
  }
  const isTrusted = (address: string) =>
    trusted.length > 0 &&
    isIP(address) !== 0 &&
    proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return (socket, forwarded) => {
    let address = socket === undefined ? undefined : plain(socket);
    const said = forwarded?.split(',').map((part) => plain(part.trim())) ?? [];
    while (address !== undefined && isTrusted(address)) {
      const before = said.pop();
      if (before === undefined || isIP(before) === 0) {
        break;
      }
      address = before;
    }
    return address;
  };
}
