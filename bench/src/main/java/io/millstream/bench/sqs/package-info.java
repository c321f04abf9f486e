/// The server against ElasticMQ, both spoken to over SQS by the same load generator, which writes
/// bytes that were built before and reads as little as it can of what comes back.
@NullMarked
package io.millstream.bench.sqs;

import org.jspecify.annotations.NullMarked;
