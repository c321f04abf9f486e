package io.millstream.index;

import io.millstream.index.JobHistory.Event;
import io.millstream.index.JobHistory.Step;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The steps of a job in some bytes of its row: the first and the last ones.
///
/// ```
/// steps kept (1) | left out (varint) | step …
/// step: event (1) | milliseconds since submission (varint) | attempt (varint)
///       | bytes of the text (varint) | text in UTF-8
/// ```
final class Steps {
    static final int TEXT_CHARS_MAX = 255;
    private static final int KEPT_MAX = JobHistory.FIRST_STEPS + JobHistory.LAST_STEPS;

    /// By their numbers in the bytes: new ones come last.
    private static final List<Event> EVENTS = List.of(Event.values());

    private static final int BYTES = 24;
    private static final int NUMBER_BYTES = 9;

    private int kept;
    private long leftOut;
    private byte[] bytes;
    private int length;

    Steps() {
        bytes = new byte[BYTES];
    }

    /// As [#toBytes] wrote them.
    Steps(byte[] stored) {
        Cursor cursor = new Cursor(stored);
        kept = cursor.small();
        leftOut = cursor.number();
        bytes = Arrays.copyOfRange(stored, cursor.at, stored.length);
        length = bytes.length;
    }

    byte[] toBytes() {
        Steps head = new Steps();
        head.write(kept);
        head.write(leftOut);
        byte[] all = Arrays.copyOf(head.bytes, head.length + length);
        System.arraycopy(bytes, 0, all, head.length, length);
        return all;
    }

    /// @param after milliseconds since the job was submitted
    void add(Event event, long after, int attempt, String text) {
        if (kept == KEPT_MAX) {
            leaveOut();
        }
        byte[] words = cut(text).getBytes(StandardCharsets.UTF_8);
        write(EVENTS.indexOf(event));
        write(Math.max(0, after));
        write(attempt);
        write(words.length);
        room(words.length);
        System.arraycopy(words, 0, bytes, length, words.length);
        length += words.length;
        kept++;
    }

    private static String cut(String text) {
        if (text.length() <= TEXT_CHARS_MAX) {
            return text;
        }
        boolean splits = Character.isHighSurrogate(text.charAt(TEXT_CHARS_MAX - 1));
        return text.substring(0, TEXT_CHARS_MAX - (splits ? 1 : 0));
    }

    /// The first one that is not among the first ones that stay.
    private void leaveOut() {
        Cursor cursor = new Cursor(bytes);
        for (int i = 0; i < JobHistory.FIRST_STEPS; i++) {
            cursor.skip();
        }
        int from = cursor.at;
        cursor.skip();
        System.arraycopy(bytes, cursor.at, bytes, from, length - cursor.at);
        length -= cursor.at - from;
        kept--;
        leftOut++;
    }

    /// The last one did not happen by itself: it was part of what is told next.
    void withdrawLast(Event event) {
        if (kept == 0) {
            return;
        }
        Cursor cursor = new Cursor(bytes);
        for (int i = 0; i < kept - 1; i++) {
            cursor.skip();
        }
        if (bytes[cursor.at] == EVENTS.indexOf(event)) {
            length = cursor.at;
            kept--;
        }
    }

    long leftOut() {
        return leftOut;
    }

    List<Step> list(long submittedMillis) {
        List<Step> steps = new ArrayList<>();
        Cursor cursor = new Cursor(bytes);
        for (int i = 0; i < kept; i++) {
            Event event = EVENTS.get(cursor.small());
            Instant at = Instant.ofEpochMilli(submittedMillis + cursor.number());
            int attempt = cursor.small();
            steps.add(new Step(at, event, attempt, cursor.text()));
        }
        return steps;
    }

    private void write(long number) {
        room(NUMBER_BYTES + 1);
        long rest = number;
        while (rest > 0x7F) {
            bytes[length++] = (byte) (0x80 | (rest & 0x7F));
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
        }
    }

    /// Reads along the bytes.
    private static final class Cursor {
        private final byte[] bytes;
        private int at;

        Cursor(byte[] bytes) {
            this.bytes = bytes;
        }

        long number() {
            long number = 0;
            int shift = 0;
            while (true) {
                byte next = bytes[at++];
                number |= (long) (next & 0x7F) << shift;
                if (next >= 0) {
                    return number;
                }
                shift += 7;
            }
        }

        int small() {
            return Math.toIntExact(number());
        }

        String text() {
            int size = small();
            String text = new String(bytes, at, size, StandardCharsets.UTF_8);
            at += size;
            return text;
        }

        void skip() {
            number();
            number();
            number();
            int size = small();
            at += size;
        }
    }
}
