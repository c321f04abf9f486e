package io.millstream.server.http;

import io.millstream.api.Backend;

import java.util.concurrent.CompletionStage;

/// All channels at a glance.
record Look(QueueLook queues, TopicLook topics) {
    static final Look EMPTY = new Look(QueueLook.empty(), TopicLook.empty());

    static CompletionStage<Look> at(Backend backend) {
        return QueueLook.at(backend).thenCombine(TopicLook.at(backend), Look::new);
    }
}
