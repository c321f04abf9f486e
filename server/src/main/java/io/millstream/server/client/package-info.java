/// The commands that are clients of a server that runs: jobs, schedules, queues, sending, receiving
/// and topics, at a terminal and in scripts.
///
/// Each is a [io.millstream.server.client.Verb]: what can be typed, read into what is to be done
/// before anything is connected, so that a slip touches nothing. Uses the Java face over a remote
/// store, and jobs over that: what a program of anybody could use. Knows nothing of the server
/// whose jar it is in, and loads none of it, since it has to start quickly.
@NullMarked
package io.millstream.server.client;

import org.jspecify.annotations.NullMarked;
