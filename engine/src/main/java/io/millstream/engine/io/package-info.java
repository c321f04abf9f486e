/// The only ways to a file and to the time.
///
/// The engine reaches nothing else of the world, so that a simulation can stand in for all of it.
/// Knows neither logs nor queues.
@NullMarked
package io.millstream.engine.io;

import org.jspecify.annotations.NullMarked;
