package io.millstream.wire;

import io.millstream.api.Bytes;

import java.nio.ByteBuffer;

/// What of UTF-8 (RFC 3629) a JSON parser does not look at closely.
final class Utf8 {
    private static final int ASCII_END = 0x80;
    private static final int SPACE = 0x20;

    private Utf8() {}

    /// Whether bytes are shown as text: well-formed, and without control characters but tab and the
    /// ends of lines. Others would be six times as long, and nobody could read them.
    static boolean isText(Bytes bytes) {
        ByteBuffer buffer = bytes.asBuffer();
        for (int i = 0; i < buffer.limit(); i++) {
            byte b = buffer.get(i);
            if (b >= 0 && b < SPACE && b != '\t' && b != '\n' && b != '\r') {
                return false;
            }
        }
        return flawIn(buffer) < 0;
    }

    /// Where the first character begins that is not well-formed, or a zero; -1 if there is none.
    static int flawIn(ByteBuffer bytes) {
        int at = 0;
        while (at < bytes.limit()) {
            int length = lengthAt(bytes, at);
            if (length == 0) {
                return at;
            }
            at += length;
        }
        return -1;
    }

    /// How many bytes the character has that begins there; 0 if it is not well-formed.
    private static int lengthAt(ByteBuffer bytes, int at) {
        int first = bytes.get(at) & 0xFF;
        if (first < ASCII_END) {
            return first == 0 ? 0 : 1;
        }
        if (first >= 0xC2 && first <= 0xDF) {
            return follows(bytes, at + 1, 0x80, 0xBF) ? 2 : 0;
        }
        if (first >= 0xE0 && first <= 0xEF) {
            // Neither what two bytes can say, nor halves of pairs.
            boolean second =
                    follows(
                            bytes,
                            at + 1,
                            first == 0xE0 ? 0xA0 : 0x80,
                            first == 0xED ? 0x9F : 0xBF);
            return second && follows(bytes, at + 2, 0x80, 0xBF) ? 3 : 0;
        }
        if (first >= 0xF0 && first <= 0xF4) {
            boolean second =
                    follows(
                            bytes,
                            at + 1,
                            first == 0xF0 ? 0x90 : 0x80,
                            first == 0xF4 ? 0x8F : 0xBF);
            return second
                            && follows(bytes, at + 2, 0x80, 0xBF)
                            && follows(bytes, at + 3, 0x80, 0xBF)
                    ? 4
                    : 0;
        }
        return 0;
    }

    private static boolean follows(ByteBuffer bytes, int at, int low, int high) {
        if (at >= bytes.limit()) {
            return false;
        }
        int b = bytes.get(at) & 0xFF;
        return b >= low && b <= high;
    }

    /// Whether each half of a pair in a text has its other half.
    static boolean isWhole(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return false;
            }
        }
        return true;
    }
}
