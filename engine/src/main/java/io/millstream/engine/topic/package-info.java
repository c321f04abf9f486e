/// Topics as the state knows them: where each partition's records lie, how many records each key
/// has had, and named cursors. Changed only by the state that holds them.
@NullMarked
package io.millstream.engine.topic;

import org.jspecify.annotations.NullMarked;
