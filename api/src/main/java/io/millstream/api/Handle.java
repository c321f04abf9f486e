package io.millstream.api;

/// Names one lease, for settling, extending and checking it. A plain value: it may leave the
/// process.
///
/// A front end that hands it to strangers must make it unforgeable: the backend trusts it.
///
/// @param queue the queue's name
/// @param incarnation which life of that name: a queue removed and defined again has a new one
/// @param sequence the message's place in its queue
/// @param fence which lease of that message
public record Handle(ChannelName queue, long incarnation, long sequence, Fence fence) {}
