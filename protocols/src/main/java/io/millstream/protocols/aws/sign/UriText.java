package io.millstream.protocols.aws.sign;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// Addresses in the one form that both sides sign.
final class UriText {
    private static final String HEX = "0123456789ABCDEF";

    private UriText() {}

    /// A parameter of a query, both parts in canonical encoding.
    record Parameter(String name, String value) implements Comparable<Parameter> {
        @Override
        public int compareTo(Parameter other) {
            int byName = name.compareTo(other.name);
            return byName != 0 ? byName : value.compareTo(other.value);
        }
    }

    /// The path without `.`, `..` and empty segments, and encoded once more than it was sent, as
    /// all services but S3 want it.
    static String path(String sent) {
        Deque<String> segments = new ArrayDeque<>();
        for (String segment : sent.split("/", -1)) {
            switch (segment) {
                case "", "." -> {}
                case ".." -> segments.pollLast();
                default -> segments.addLast(encode(segment.getBytes(StandardCharsets.UTF_8)));
            }
        }
        String joined = "/" + String.join("/", segments);
        return sent.endsWith("/") && joined.length() > 1 ? joined + '/' : joined;
    }

    /// The parameters of a query, in the order in which they were sent.
    static List<Parameter> parameters(String query) {
        List<Parameter> parameters = new ArrayList<>();
        for (String part : query.split("&", -1)) {
            if (!part.isEmpty()) {
                int equals = part.indexOf('=');
                String name = equals < 0 ? part : part.substring(0, equals);
                String value = equals < 0 ? "" : part.substring(equals + 1);
                parameters.add(new Parameter(encode(decode(name)), encode(decode(value))));
            }
        }
        return parameters;
    }

    /// The text that was encoded.
    static String plain(String encoded) {
        return new String(decode(encoded), StandardCharsets.UTF_8);
    }

    /// What is no whole escape stands for itself: then the signature will not match.
    private static byte[] decode(String encoded) {
        byte[] bytes = encoded.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '%' && i + 2 < bytes.length && isHex(bytes[i + 1], bytes[i + 2])) {
                out.write(
                        (Character.digit(bytes[i + 1], 16) << 4)
                                | Character.digit(bytes[i + 2], 16));
                i += 2;
            } else {
                out.write(bytes[i] == '+' ? ' ' : bytes[i]);
            }
        }
        return out.toByteArray();
    }

    private static boolean isHex(byte high, byte low) {
        return Character.digit(high, 16) >= 0 && Character.digit(low, 16) >= 0;
    }

    private static String encode(byte[] bytes) {
        StringBuilder out = new StringBuilder(bytes.length + 16);
        for (byte b : bytes) {
            char c = (char) (b & 0xFF);
            if ((c >= 'A' && c <= 'Z')
                    || (c >= 'a' && c <= 'z')
                    || (c >= '0' && c <= '9')
                    || c == '-'
                    || c == '.'
                    || c == '_'
                    || c == '~') {
                out.append(c);
            } else {
                out.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            }
        }
        return out.toString();
    }
}
