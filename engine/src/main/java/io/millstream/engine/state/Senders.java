package io.millstream.engine.state;

import io.millstream.api.CommitId;
import io.millstream.api.Receipt;
import io.millstream.api.Refusal;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;
import io.millstream.engine.heap.HeapAccount;
import io.millstream.engine.heap.HeapCosts;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// The receipts that the senders of commits may ask for again, see [CommitId].
///
/// A sender whose time is over is unknown at once, and goes when entries are applied, a few with
/// each: not with the clock, because an engine that is opened first learns how late it is and then
/// that it was not open so long.
public final class Senders {
    private static final int OVER_PER_ENTRY = 16;
    private static final int RECEIPTS_PER_VISIT = 64;

    private final TreeMap<String, Sender> byName = new TreeMap<>();
    private final TreeSet<Sender> byTime =
            new TreeSet<>(
                    Comparator.comparingLong((Sender sender) -> sender.last)
                            .thenComparing(sender -> sender.name));

    private final Images images;
    private final HeapAccount heap;

    /// Which sender the walk of a snapshot is at, or will look for, and which of its numbers is
    /// next.
    private String walked = "";

    private long walkedNumber;

    /// One sender.
    private static final class Sender {
        final String name;
        final TreeMap<Long, Answer> answers = new TreeMap<>();

        /// Numbers below were given up.
        long kept;

        /// When it sent something last, in milliseconds since 1970.
        long last;

        /// How much heap its receipts take.
        long bytes;

        /// The last snapshot that has it or was begun before it: see [Images].
        int imaged;

        Sender(String name, int imaged) {
            this.name = name;
            this.imaged = imaged;
        }
    }

    /// A receipt as [AnswerCodec] encodes it.
    private static final class Answer {
        final byte[] receipt;
        int imaged;

        Answer(byte[] receipt, int imaged) {
            this.receipt = receipt;
            this.imaged = imaged;
        }

        long heapBytes() {
            return HeapCosts.answer(receipt.length);
        }
    }

    /// Without senders.
    ///
    /// @param images where they are written before they change
    /// @param heap what they are charged to
    Senders(Images images, HeapAccount heap) {
        this.images = images;
        this.heap = heap;
    }

    // Asking.

    /// The answer to a commit that is not to be decided: the first one's, or why there is none. Or
    /// null, if it is new.
    public @Nullable Receipt answerTo(CommitId id, long now) {
        Sender sender = known(id.sender(), now);
        if (sender == null) {
            return null;
        }
        Answer first = sender.answers.get(id.number());
        if (first != null) {
            return AnswerCodec.decodeReceipt(new Input(ByteBuffer.wrap(first.receipt)));
        }
        Refusal refusal = refusalOf(sender, id);
        return refusal == null ? null : new Receipt.Refused(Instant.ofEpochMilli(now), 0, refusal);
    }

    private @Nullable Sender known(String name, long now) {
        Sender sender = byName.get(name);
        return sender == null || isOver(sender, now) ? null : sender;
    }

    private static boolean isOver(Sender sender, long now) {
        return now - sender.last >= CommitId.REMEMBERED_FOR.toMillis();
    }

    private static @Nullable Refusal refusalOf(Sender sender, CommitId id) {
        long highest = sender.answers.lastKey();
        if (id.number() < sender.kept) {
            return id.forgotten(sender.kept);
        }
        if (id.number() < highest) {
            return id.passedOver(highest);
        }
        boolean mayBeMany = sender.answers.size() >= CommitId.ANSWERS_MAX;
        return mayBeMany && sender.answers.firstKey() >= id.from() ? id.tooMany() : null;
    }

    /// Whether a commit that is new makes room, because something is forgotten with it.
    public boolean frees(CommitId id, long now) {
        Sender sender = known(id.sender(), now);
        return isDue(now) || (sender != null && sender.answers.firstKey() < id.from());
    }

    /// How much heap they take.
    public HeapAccount heap() {
        return heap;
    }

    /// The entry that remembers a receipt.
    public static Entry.Answered entryOf(CommitId id, Receipt receipt) {
        return new Entry.Answered(id.sender(), id.number(), id.from(), AnswerCodec.encode(receipt));
    }

    // Changing.

    void apply(Entry.Answered answered, long now) {
        Sender sender = byName.get(answered.sender());
        if (sender != null && isOver(sender, now)) {
            remove(sender);
            sender = null;
        }
        if (sender == null) {
            sender = new Sender(answered.sender(), images.number());
            sender.last = now;
            add(sender);
        } else if (images.lack(sender.imaged)) {
            image(sender);
        }
        byTime.remove(sender);
        sender.last = now;
        byTime.add(sender);
        sender.kept = Math.max(sender.kept, answered.from());
        forget(sender, sender.answers.headMap(answered.from(), false));
        forget(sender, sender.answers.subMap(answered.number(), true, answered.number(), true));
        put(sender, answered.number(), new Answer(answered.receipt(), images.number()));
    }

    private void add(Sender sender) {
        byName.put(sender.name, sender);
        byTime.add(sender);
        heap.add(HeapCosts.sender(sender.name));
    }

    private void put(Sender sender, long number, Answer answer) {
        sender.answers.put(number, answer);
        sender.bytes += answer.heapBytes();
        heap.add(answer.heapBytes());
    }

    private void forget(Sender sender, NavigableMap<Long, Answer> given) {
        long bytes = 0;
        for (Map.Entry<Long, Answer> one : given.entrySet()) {
            image(sender, one.getKey(), one.getValue());
            bytes += one.getValue().heapBytes();
        }
        given.clear();
        sender.bytes -= bytes;
        heap.add(-bytes);
    }

    /// Whether the time of one of them is over.
    boolean isDue(long now) {
        return !byTime.isEmpty() && isOver(byTime.first(), now);
    }

    /// Forgets some of those whose time is over.
    void expire(long now) {
        for (int i = 0; i < OVER_PER_ENTRY && isDue(now); i++) {
            remove(byTime.first());
        }
    }

    private void remove(Sender sender) {
        if (images.areTaken()) {
            image(sender);
            sender.answers.forEach((number, answer) -> image(sender, number, answer));
        }
        byName.remove(sender.name);
        byTime.remove(sender);
        heap.add(-HeapCosts.sender(sender.name) - sender.bytes);
    }

    /// The store is open from now on; before, nobody could ask.
    void reopened(long now) {
        byTime.clear();
        for (Sender sender : byName.values()) {
            image(sender);
            sender.last = now;
            byTime.add(sender);
        }
    }

    /// What is missing of a sender below a number may have been done: entries are lost.
    void doubt(String name, long number) {
        Sender sender = byName.get(name);
        if (sender != null) {
            sender.kept = Math.max(sender.kept, number);
        }
    }

    // Snapshots.

    /// A snapshot was begun.
    void beginImages() {
        walked = "";
        walkedNumber = 0;
    }

    /// Has the next sender or some of its receipts written, unless they were.
    ///
    /// @return whether there was a next one
    boolean imageNext() {
        Map.Entry<String, Sender> next = byName.ceilingEntry(walked);
        if (next == null) {
            return false;
        }
        Sender sender = next.getValue();
        if (!sender.name.equals(walked)) {
            walked = sender.name;
            walkedNumber = 0;
        }
        image(sender);
        int left = RECEIPTS_PER_VISIT;
        for (var one : sender.answers.tailMap(walkedNumber).entrySet()) {
            if (left-- == 0) {
                walkedNumber = one.getKey();
                return true;
            }
            image(sender, one.getKey(), one.getValue());
        }
        // The name that comes next after this one, of all there may be.
        walked = sender.name + '\0';
        walkedNumber = 0;
        return true;
    }

    private void image(Sender sender) {
        if (images.lack(sender.imaged)) {
            sender.imaged = images.number();
            write(sender, images.out());
            images.cut();
        }
    }

    private void image(Sender sender, long number, Answer answer) {
        if (images.lack(answer.imaged)) {
            answer.imaged = images.number();
            write(sender, number, answer, images.out());
            images.cut();
        }
    }

    void write(Output out) {
        for (Sender sender : byName.values()) {
            write(sender, out);
            sender.answers.forEach((number, answer) -> write(sender, number, answer, out));
        }
    }

    private static void write(Sender sender, Output out) {
        out.byteValue(Images.SENDER);
        out.text(sender.name);
        out.varint(sender.kept);
        out.varint(sender.last);
    }

    private static void write(Sender sender, long number, Answer answer, Output out) {
        out.byteValue(Images.ANSWER);
        out.text(sender.name);
        out.varint(number);
        out.varint(answer.receipt.length);
        out.raw(answer.receipt);
    }

    /// Takes in what follows [Images#SENDER].
    void readSender(Input in) {
        Sender sender = new Sender(in.text(), 0);
        sender.kept = in.varint();
        sender.last = in.varint();
        add(sender);
    }

    /// Takes in what follows [Images#ANSWER].
    void readAnswer(Input in) {
        Sender sender = byName.get(in.text());
        if (sender == null) {
            throw new MalformedException("A receipt comes before its sender");
        }
        long number = in.varint();
        put(sender, number, new Answer(in.array(in.size()), 0));
    }
}
