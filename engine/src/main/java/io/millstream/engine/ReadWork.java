package io.millstream.engine;

import io.millstream.api.TopicRecord;
import io.millstream.engine.batch.BatchReader;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.log.LogBytes;
import io.millstream.engine.state.EntryCodec;
import io.millstream.engine.topic.Extent;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Reads and decodes the records that the loop has found, on a thread of its own, because a cold
/// read may take as long as the disk likes.
///
/// A place is not held for its reader: by the time it is read it may have been moved or dropped.
/// What is found there proves itself by its checksum, its topic and its offset; if it does not, the
/// loop is asked again.
final class ReadWork {
    private static final int TRIES_MAX = 8;

    private final LogBytes log;
    private final Inbox inbox;
    private final Signal reading;
    private final Queue<Job> jobs = new ConcurrentLinkedQueue<>();

    ReadWork(LogBytes log, Inbox inbox, Signal reading) {
        this.log = log;
        this.inbox = inbox;
        this.reading = reading;
    }

    /// An extent, with its bytes if they were in memory.
    record Piece(Extent extent, byte @Nullable [] bytes) {}

    /// What a read has found.
    ///
    /// @param channel the topic's number
    /// @param from the first offset that is wanted
    /// @param missed how many records before it are gone
    /// @param now the engine's clock when it was found
    record Job(
            PendingRead read,
            long channel,
            int partition,
            long from,
            long missed,
            Instant now,
            List<Piece> pieces) {}

    void offer(Job job) {
        jobs.add(job);
        reading.give();
    }

    /// Fails what waits to be read, because the engine has stopped.
    void failAll() {
        for (Job job = jobs.poll(); job != null; job = jobs.poll()) {
            job.read.fail(Engine.stopped());
        }
    }

    /// Does one job; may block for the disk. What is sound before something damaged is delivered.
    ///
    /// @return whether there was one
    /// @throws MalformedException if what is stored is damaged, naming where
    boolean step() {
        Job job = jobs.poll();
        if (job == null) {
            return false;
        }
        int tries = job.read.nextTry();
        List<TopicRecord> records = new ArrayList<>();
        for (Piece piece : job.pieces) {
            try {
                decode(job, piece, records);
            } catch (IOException | MalformedException gone) {
                if (tries < TRIES_MAX) {
                    ask(job);
                } else if (records.isEmpty()) {
                    fail(job, piece, gone);
                } else {
                    deliver(job, records, records.getLast().offset() + 1);
                }
                return true;
            }
        }
        deliver(job, records, job.pieces.getLast().extent().end());
        return true;
    }

    private void deliver(Job job, List<TopicRecord> records, long next) {
        EngineReader reader = job.read.reader();
        reader.standsAt(next);
        if (records.isEmpty()) {
            ask(job);
        } else {
            reader.deliver(job.read, records, job.missed, job.now);
        }
    }

    private void fail(Job job, Piece piece, Exception why) {
        job.read.fail(Engine.stopped());
        long position = piece.extent().position();
        throw new MalformedException(
                "%s: %s. Records from %d on were stored there"
                        .formatted(
                                log.damageAt(position), why.getMessage(), piece.extent().first()));
    }

    private void ask(Job job) {
        if (!inbox.offer(new Command.Read(job.read))) {
            job.read.fail(Engine.stopped());
        }
    }

    private void decode(Job job, Piece piece, List<TopicRecord> records) throws IOException {
        Extent extent = piece.extent();
        byte[] bytes = piece.bytes();
        if (bytes == null) {
            bytes = new byte[extent.bytes()];
            log.read(ByteBuffer.wrap(bytes), extent.position());
        }
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        long offset = extent.first();
        while (rest.hasRemaining()) {
            EntryCodec.StoredBatch stored =
                    EntryCodec.batchIn(EntryCodec.next(rest), job.channel, job.partition, offset);
            offset += stored.offsets();
            decode(job, stored, records);
        }
    }

    private static void decode(Job job, EntryCodec.StoredBatch stored, List<TopicRecord> records) {
        if (stored.stored() < job.read.reader().since()) {
            return;
        }
        Instant time = Instant.ofEpochMilli(stored.stored());
        BatchReader batch = new BatchReader(stored.batch());
        while (batch.hasNext()) {
            BatchReader.Read record = batch.next();
            if (record.offset() >= job.from) {
                records.add(
                        new TopicRecord(job.partition, record.offset(), time, record.message()));
            }
        }
    }
}
