package io.millstream.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;

import java.util.SplittableRandom;

/// A key goes where Kafka's clients send it.
class PartitionerTest {
    @Test
    void keys_of_every_length_go_to_the_partition_that_kafka_chooses() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] key = new byte[i % 70];
            random.nextBytes(key);
            int partitions = random.nextInt(1, 1000);

            assertThat(Partitioner.partitionOf(Bytes.of(key), partitions))
                    .isEqualTo(BuiltInPartitioner.partitionForKey(key, partitions));
        }
    }
}
