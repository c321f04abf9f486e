/// Record batches as Kafka lays them out (format version 2): what a topic's partition stores, so
/// that batches of Kafka's clients pass through untouched. Knows bytes and messages, nothing of
/// where they lie.
@NullMarked
package io.millstream.engine.batch;

import org.jspecify.annotations.NullMarked;
