package io.millstream.testkit.doctor;

import io.millstream.engine.doctor.Examination;
import io.millstream.engine.doctor.Loss;
import io.millstream.engine.log.LogSurvey;
import io.millstream.engine.log.SurveyReplay;
import io.millstream.engine.state.Entry;
import io.millstream.engine.state.EntryCodec;
import io.millstream.engine.state.Location;
import io.millstream.engine.state.QueueState;
import io.millstream.engine.topic.Extent;
import io.millstream.engine.topic.PartitionState;
import io.millstream.engine.topic.TopicState;
import io.millstream.testkit.doctor.Specimen.Place;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// What a stretch of a data directory holds: whoever takes it away takes at most this.
final class Held {
    private static final int HEADER_BYTES = 48;

    private final Examination sound;
    private final Set<Place> places = new TreeSet<>();

    /// Nothing yet of a directory that is sound.
    Held(Examination sound) {
        this.sound = sound;
    }

    Set<Place> places() {
        return Set.copyOf(places);
    }

    /// Messages and batches with bytes from position `from` to `to`.
    Held bytes(long from, long to) throws IOException {
        for (QueueState queue = sound.state().queueAfter(0);
                queue != null;
                queue = sound.state().queueAfter(queue.channel())) {
            for (long one = queue.next(0); one >= 0; one = queue.next(one)) {
                Location at = queue.locate(one);
                if (at.position() < to && at.position() + at.bytes() > from) {
                    add(queue.channel(), one);
                }
            }
        }
        for (TopicState topic = sound.state().topics().topicAfter(0);
                topic != null;
                topic = sound.state().topics().topicAfter(topic.channel())) {
            for (int partition = 0; partition < topic.partitions().size(); partition++) {
                for (Extent extent : topic.partitions().get(partition).extents()) {
                    if (extent.position() < to && extent.position() + extent.bytes() > from) {
                        batches(topic, partition, extent, from, to);
                    }
                }
            }
        }
        return this;
    }

    private void batches(TopicState topic, int partition, Extent extent, long from, long to)
            throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(sound.survey().bytes(extent.position(), extent.bytes()));
        while (rest.hasRemaining()) {
            long start = extent.position() + rest.position();
            EntryCodec.StoredBatch batch =
                    EntryCodec.batchIn(EntryCodec.next(rest), topic.channel(), partition);
            if (start < to && extent.position() + rest.position() > from) {
                long end = batch.offset() + batch.offsets();
                addRecords(topic.channel(), partition, batch.offset(), end);
            }
        }
    }

    /// What frames say of which a part lies from position `from` to `to`: what they put, and that
    /// something lies elsewhere now. The walk begins at the newest checkpoint, because before it
    /// frames say nothing that it does not say.
    Held said(long checkpoint, long from, long to) throws IOException {
        Frames frames = new Frames();
        sound.survey().walk(checkpoint, frames);
        for (Frame frame : frames.all) {
            if (frame.start < to && frame.end > from) {
                frame.entries.forEach(this::said);
            }
        }
        return this;
    }

    private void said(ByteBuffer bytes) {
        Entry entry = EntryCodec.decode(bytes.duplicate());
        switch (entry) {
            case Entry.Put put -> add(put.channel(), put.sequence());
            case Entry.Evacuated evacuated -> {
                for (Entry.Evacuated.Part part : evacuated.parts()) {
                    for (int i = 0; i < Long.SIZE; i++) {
                        if ((part.copied() & (1L << i)) != 0) {
                            add(evacuated.channel(), part.first() + i);
                        }
                    }
                }
            }
            case Entry.Appended appended -> {
                EntryCodec.StoredBatch batch =
                        EntryCodec.batchIn(
                                bytes.duplicate(), appended.channel(), appended.partition());
                addRecords(
                        appended.channel(),
                        appended.partition(),
                        batch.offset(),
                        batch.offset() + batch.offsets());
            }
            case Entry.ExtentsMoved moved -> {
                PartitionState partition =
                        sound.state()
                                .topics()
                                .topic(moved.channel())
                                .partitions()
                                .get(moved.partition());
                for (Entry.ExtentsMoved.Place part : moved.parts()) {
                    Extent extent = partition.extentFrom(part.first());
                    addRecords(moved.channel(), moved.partition(), part.first(), extent.end());
                }
            }
            default -> {
                // It puts nothing anywhere.
            }
        }
    }

    private void add(long channel, long sequence) {
        QueueState queue = sound.state().queue(channel);
        if (queue != null) {
            places.add(new Place(queue.definition().name(), Loss.QUEUE, sequence));
        }
    }

    private void addRecords(long channel, int partition, long from, long to) {
        TopicState topic = sound.state().topics().topic(channel);
        for (long offset = from; offset < to; offset++) {
            places.add(new Place(topic.definition().name(), partition, offset));
        }
    }

    /// A frame that is not empty.
    static final class Frame {
        final long start;
        private long end;
        private final List<ByteBuffer> entries = new ArrayList<>();

        private Frame(long start) {
            this.start = start;
        }

        /// Where its last entry ends.
        long end() {
            return end;
        }
    }

    /// The frames with entries, in order.
    static List<Frame> frames(LogSurvey survey, long from) throws IOException {
        Frames frames = new Frames();
        survey.walk(from, frames);
        return frames.all;
    }

    private static final class Frames implements SurveyReplay {
        private final List<Frame> all = new ArrayList<>();
        private boolean isFresh;

        @Override
        public void epoch(int epoch) {}

        @Override
        public void frame(long now) {
            isFresh = true;
        }

        @Override
        public void entry(long position, int framedBytes, ByteBuffer entry) {
            if (isFresh) {
                all.add(new Frame(position - HEADER_BYTES));
                isFresh = false;
            }
            Frame frame = all.getLast();
            frame.end = position + framedBytes;
            ByteBuffer copy = ByteBuffer.allocate(entry.remaining());
            frame.entries.add(copy.put(entry.duplicate()).flip());
        }

        @Override
        public void hole(Hole hole) {}
    }
}
