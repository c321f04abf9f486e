package io.millstream.engine.heap;

import io.millstream.api.Definition;

import java.util.Map;

/// How many bytes of heap things take on a 64-bit virtual machine with compressed references: the
/// object, what it refers to alone, and its places in the collections that hold it. `bench/run
/// heap` shows the sum beside what the heap really holds.
public final class HeapCosts {
    private static final int QUEUE = 800;

    private static final int PER_NAME = 160;

    /// A run of messages, besides its packed bytes.
    public static final int RUN = 144;

    /// A message that was handed out: its state, and its places among the deadlines, the ready ones
    /// and the ages.
    public static final int DELIVERY = 240;

    /// A message that is not handed out in the order of puts, until it is handed out.
    public static final int LISTED = 32;

    /// A group in a queue.
    public static final int GROUP = 384;

    /// A type of messages that a queue tells apart, with its name, which may be long.
    public static final int TYPE = 264 + 2 * Definition.Queue.TYPE_CHARS_MAX;

    /// A page of keys that have begun lately, with their places.
    public static final int PACE_PAGE = 24 * 1024 + 32 * 1024 + 12 * 1024;

    /// A page of keys by which a queue tells equal messages.
    public static final int SEEN_PAGE = 32 * 1024 + 12 * 1024;

    /// What a message brought along from another queue, besides the reason.
    public static final int ARRIVAL = 200;

    /// What is known of one death of a message.
    public static final int DEATH = 88;

    /// A topic with nothing in it, besides its partitions.
    public static final int TOPIC = 1000;

    /// A partition with nothing in it.
    public static final int PARTITION = 300;

    /// A stretch of a partition.
    public static final int EXTENT = 120;

    /// A key whose records are counted, besides its bytes.
    public static final int KEY = 144;

    /// An exchange or a binding, besides what is in its definition.
    public static final int ROUTE = 700;

    private static final int PER_ROUTE_BYTE = 4;

    private static final int CURSOR = 144;

    private static final int OFFSET = 28;

    private static final int ROW = 216;

    private static final int SENDER = 208;

    private static final int ANSWER = 88;

    private HeapCosts() {}

    /// A queue with nothing in it.
    public static long queue(Definition.Queue definition) {
        return QUEUE
                + names(definition.arguments())
                + names(definition.weights())
                + names(definition.limits().types().exceptions())
                + names(definition.limits().groups().exceptions());
    }

    private static long names(Map<String, ?> defined) {
        long bytes = 0;
        for (Map.Entry<String, ?> one : defined.entrySet()) {
            bytes += PER_NAME + text(one.getKey());
            bytes += one.getValue() instanceof String value ? text(value) : 0;
        }
        return bytes;
    }

    /// A row of a table.
    public static long row(String key, int valueBytes) {
        return ROW + text(key) + valueBytes;
    }

    /// A sender of commits, besides its receipts.
    public static long sender(String name) {
        return SENDER + text(name);
    }

    /// A receipt that is remembered.
    public static long answer(int bytes) {
        return (long) ANSWER + bytes;
    }

    /// An exchange or a binding whose definition has so many bytes, with what it is compiled to.
    public static long route(int bytes) {
        return ROUTE + (long) PER_ROUTE_BYTE * bytes;
    }

    /// A named cursor of so many partitions.
    public static long cursor(String name, int offsets) {
        return CURSOR + text(name) + (long) offsets * OFFSET;
    }

    /// A string, by its length.
    public static long text(String text) {
        return 2L * text.length();
    }
}
