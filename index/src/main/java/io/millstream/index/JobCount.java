package io.millstream.index;

import io.millstream.api.ChannelName;

import org.jspecify.annotations.Nullable;

/// How many jobs an index knows of one kind.
///
/// @param queue of which queue
/// @param type of which type, or null for those without one
/// @param state where they are, or how they ended
/// @param jobs how many
public record JobCount(ChannelName queue, @Nullable String type, IndexedState state, long jobs) {}
