package io.millstream.engine.state;

/// From where on nothing of a queue was ever handed out of what is handed out in the order of puts.
final class Cursor {
    private final QueueState queue;

    /// The first message that waits for it, or the end.
    long at = 1;

    /// What the next message's sequence will be.
    long end = 1;

    /// How many sequences from here on are not those of messages that wait for it: these are gone,
    /// or elsewhere. The cursor is never at one.
    long gaps;

    Cursor(QueueState queue) {
        this.queue = queue;
    }

    /// Whether no message waits for it.
    boolean isAtEnd() {
        return at == end;
    }

    /// How many messages wait for it.
    long waiting() {
        return end - at - gaps;
    }

    /// The next message is put.
    void put(boolean isElsewhere) {
        if (isElsewhere && isAtEnd()) {
            at++;
        } else if (isElsewhere) {
            gaps++;
        }
        end++;
    }

    /// Messages from the end up to `upTo` were put and are lost.
    void leaveGap(long upTo) {
        if (isAtEnd()) {
            at = upTo;
        } else {
            gaps += upTo - end;
        }
        end = upTo;
    }

    /// A message waits for it no more.
    void remove(long sequence) {
        if (sequence == at) {
            at = behind(sequence);
            gaps -= at - sequence - 1;
        } else {
            gaps++;
        }
    }

    /// Nothing waits for it.
    void goToEnd() {
        at = end;
        gaps = 0;
    }

    /// The first message behind a place from the cursor on that waits for it, or the end.
    long behind(long sequence) {
        if (gaps == 0) {
            return sequence + 1;
        }
        long next = queue.runs().nextInOrder(sequence);
        // What was given up before it was handed out waits for a dead-letter target.
        while (next >= 0 && queue.delivery(next) != null) {
            next = queue.runs().nextInOrder(next);
        }
        return next < 0 ? end : next;
    }
}
