/// Finds jobs by what they are and what became of them: a search over what queues tell their
/// lifecycle topic, and the history of each message, in a file of SQLite.
///
/// It is an ordinary reader of that topic, [io.millstream.api.Lifecycle]: it holds nothing back,
/// says up to where it has read, and may be deleted, since it is made anew as far as the topic
/// reaches. Sees the seam, `io.millstream.api`, the face over it, and JDBC; knows jobs only by the
/// names of the queues that they pass through when they are dead.
@NullMarked
package io.millstream.index;

import org.jspecify.annotations.NullMarked;
