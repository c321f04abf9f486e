package io.millstream.api;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;

/// A range of internet addresses in CIDR notation, such as `10.0.0.0/24` or `2001:db8::/32`.
///
/// @param cidr as it was written
public record Network(String cidr) {

    /// Refuses what is no network.
    public Network {
        String why = problemOf(cidr);
        if (why != null) {
            throw new IllegalArgumentException(why);
        }
    }

    private static @Nullable String problemOf(String cidr) {
        int slash = cidr.indexOf('/');
        byte[] address = slash < 0 ? null : addressOf(cidr.substring(0, slash));
        if (address == null) {
            return "A network is an address, a slash and a number of bits, not " + cidr;
        }
        int bits = bitsOf(cidr.substring(slash + 1));
        return bits >= 0 && bits <= address.length * Byte.SIZE
                ? null
                : "A network has 0 to %d bits, not %s"
                        .formatted(address.length * Byte.SIZE, cidr.substring(slash + 1));
    }

    private static int bitsOf(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 3;
        for (int i = 0; i < text.length(); i++) {
            digits &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        return digits ? Integer.parseInt(text) : -1;
    }

    /// Whether this is the text of an address in it.
    public boolean contains(String text) {
        byte[] address = addressOf(text);
        int slash = cidr.indexOf('/');
        byte[] own = addressOf(cidr.substring(0, slash));
        if (address == null || own == null || address.length != own.length) {
            return false;
        }
        int bits = bitsOf(cidr.substring(slash + 1));
        for (int i = 0; i < bits; i++) {
            int mask = 0x80 >>> (i & 7);
            if (((address[i >> 3] ^ own[i >> 3]) & mask) != 0) {
                return false;
            }
        }
        return true;
    }

    private static byte @Nullable [] addressOf(String text) {
        // No scope and no name: those would ask the machine.
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '.' && c != ':' && Character.digit(c, 16) < 0) {
                return null;
            }
        }
        try {
            return text.isEmpty() ? null : InetAddress.ofLiteral(text).getAddress();
        } catch (IllegalArgumentException none) {
            return null;
        }
    }
}
