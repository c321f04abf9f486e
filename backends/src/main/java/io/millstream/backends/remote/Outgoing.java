package io.millstream.backends.remote;

import io.millstream.api.Receipt;
import io.millstream.wire.Forms;
import io.millstream.wire.Told;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/// What waits to be sent, in order. Commits of one session that follow each other become one
/// message: while one is on its way others gather, so that many callers cost little more than one.
///
/// Not safe for threads.
final class Outgoing {
    private static final int TOGETHER_MAX = 1_000;
    private static final long TOGETHER_BYTES_MAX = 256 << 10;

    private final Deque<Letter> letters = new ArrayDeque<>();
    private long bytes;

    /// One message on its way.
    ///
    /// @param json the message
    /// @param letters what is in it, of which the first gave it its number; none if nothing is
    ///   awaited
    record Message(byte[] json, List<Letter> letters) {

        List<Work> works() {
            return letters.stream().map(Letter::work).filter(Objects::nonNull).toList();
        }

        /// Tells each its part of the answer.
        void told(Told told) {
            if (!(told instanceof Told.Receipts(long id, List<Receipt> receipts))) {
                works().forEach(work -> work.told(told));
                return;
            }
            int at = 0;
            for (Work work : works()) {
                int end = at + (work instanceof CommitWork commits ? commits.count() : 0);
                work.told(new Told.Receipts(id, receipts.subList(at, end)));
                at = end;
            }
        }

        /// Whether it may be sent again: then it is done once.
        boolean repeats() {
            return !letters.isEmpty()
                    && letters.stream()
                            .allMatch(letter ->
                                    letter.work() instanceof CommitWork commits
                                            && commits.repeats());
        }
    }

    void add(Letter letter) {
        letters.add(letter);
        bytes += letter.bytes();
    }

    /// Puts these before all that waits.
    void addFirst(List<Letter> first) {
        first.reversed().forEach(letters::addFirst);
        first.forEach(letter -> bytes += letter.bytes());
    }

    boolean isEmpty() {
        return letters.isEmpty();
    }

    /// How many bytes wait.
    long bytes() {
        return bytes;
    }

    /// The next message.
    Message next() {
        Letter first = take();
        return switch (first.json()) {
            case Letter.Written.Whole whole ->
                    new Message(whole.json(), first.work() == null ? List.of() : List.of(first));
            case Letter.Written.Commits commits -> together(first, commits);
        };
    }

    private Message together(Letter first, Letter.Written.Commits commits) {
        List<byte[]> all = new ArrayList<>(commits.commits());
        List<Letter> sent = new ArrayList<>(List.of(first));
        long length = first.bytes();
        while (!letters.isEmpty()) {
            Letter next = letters.getFirst();
            if (next.session() != first.session()
                    || !(next.json() instanceof Letter.Written.Commits more)
                    || all.size() + more.commits().size() > TOGETHER_MAX
                    || length + next.bytes() > TOGETHER_BYTES_MAX) {
                break;
            }
            take();
            all.addAll(more.commits());
            sent.add(next);
            length += next.bytes();
        }
        long id = Objects.requireNonNull(first.work()).id;
        return new Message(Forms.commits(id, first.session(), all), sent);
    }

    private Letter take() {
        Letter letter = letters.removeFirst();
        bytes -= letter.bytes();
        return letter;
    }

    /// Takes out what was asked anew over a connection that broke before it was sent: the next one
    /// asks for it again.
    void removeStanding() {
        take(letter -> {
            Work work = letter.work();
            return work != null && work.stands() && work.sent;
        });
    }

    /// Takes out one that was not sent yet.
    ///
    /// @return whether it was there
    boolean remove(Work work) {
        return !take(letter -> letter.work() != null && letter.work().id == work.id).isEmpty();
    }

    /// Takes out what is awaited once and was asked before a time.
    List<Work> removeOlder(long nanos) {
        return take(
                        letter -> {
                            Work work = letter.work();
                            return work != null && !work.stands() && letter.nanos() - nanos < 0;
                        })
                .stream()
                .map(Letter::work)
                .filter(Objects::nonNull)
                .toList();
    }

    private List<Letter> take(Predicate<Letter> which) {
        List<Letter> taken = letters.stream().filter(which).toList();
        if (!taken.isEmpty()) {
            letters.removeIf(which);
            taken.forEach(letter -> bytes -= letter.bytes());
        }
        return taken;
    }
}
